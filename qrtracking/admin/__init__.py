from qrtracking.admin.batches import BatchAdmin, ReverseJobAdmin
from qrtracking.admin.catalog import OrderAdmin, ProductAdmin, ProductVariantAdmin
from qrtracking.admin.codes import (
    MasterCodeAdmin,
    PreparedCodeAdmin,
    ScanEventAdmin,
    UnitCodeAdmin,
)

__all__ = [
    "BatchAdmin",
    "MasterCodeAdmin",
    "OrderAdmin",
    "PreparedCodeAdmin",
    "ProductAdmin",
    "ProductVariantAdmin",
    "ReverseJobAdmin",
    "ScanEventAdmin",
    "UnitCodeAdmin",
]
