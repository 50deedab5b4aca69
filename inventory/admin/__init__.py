from inventory.admin.imports import QueueImportAdmin
from inventory.admin.work import QueueDrainAdmin, StockJobAdmin

__all__ = ["QueueDrainAdmin", "QueueImportAdmin", "StockJobAdmin"]
