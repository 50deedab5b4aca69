from inventory.admin.work import QueueDrainAdmin, StockJobAdmin

__all__ = ["QueueDrainAdmin", "StockJobAdmin"]
