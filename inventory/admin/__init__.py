from inventory.admin.analytics import QueueSliceAdmin
from inventory.admin.archive import QueueArchiveAdmin
from inventory.admin.batches import QueueBatchAdmin
from inventory.admin.devices import DeviceAdmin
from inventory.admin.exports import StockJobAdmin
from inventory.admin.imports import QueueImportAdmin
from inventory.admin.items import QueueItemAdmin
from inventory.admin.places import LocationAdmin, WarehouseAdmin
from inventory.admin.queue_page import QueueControlAdmin
from inventory.admin.sku_rules import SkuRuleAdmin
from inventory.admin.sources import QueueSourceAdmin
from inventory.admin.stock import StockEntryAdmin
from inventory.admin.tac_models import TacModelAdmin
from inventory.admin.work import QueueDrainAdmin

__all__ = [
    "DeviceAdmin",
    "LocationAdmin",
    "QueueArchiveAdmin",
    "QueueBatchAdmin",
    "QueueControlAdmin",
    "QueueDrainAdmin",
    "QueueImportAdmin",
    "QueueItemAdmin",
    "QueueSliceAdmin",
    "QueueSourceAdmin",
    "SkuRuleAdmin",
    "StockEntryAdmin",
    "StockJobAdmin",
    "TacModelAdmin",
    "WarehouseAdmin",
]
