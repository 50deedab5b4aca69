from inventory.admin.archive import QueueArchiveAdmin
from inventory.admin.batches import QueueBatchAdmin
from inventory.admin.imports import QueueImportAdmin
from inventory.admin.items import QueueItemAdmin
from inventory.admin.queue_page import QueueControlAdmin
from inventory.admin.work import QueueDrainAdmin, StockJobAdmin

__all__ = [
    "QueueArchiveAdmin",
    "QueueBatchAdmin",
    "QueueControlAdmin",
    "QueueDrainAdmin",
    "QueueImportAdmin",
    "QueueItemAdmin",
    "StockJobAdmin",
]
