from qrtracking.admin.batches import BatchAdmin, ReverseJobAdmin
from qrtracking.admin.catalog import OrderAdmin, ProductAdmin, ProductVariantAdmin
from qrtracking.admin.codes import (
    MasterCodeAdmin,
    PreparedCodeAdmin,
    ScanEventAdmin,
    UnitCodeAdmin,
)
from qrtracking.admin.labels import LabelPrinterAdmin, LabelSheetAdmin
from qrtracking.admin.packing_plans import PackingPlanAdmin

__all__ = [
    "BatchAdmin",
    "LabelPrinterAdmin",
    "LabelSheetAdmin",
    "MasterCodeAdmin",
    "OrderAdmin",
    "PackingPlanAdmin",
    "PreparedCodeAdmin",
    "ProductAdmin",
    "ProductVariantAdmin",
    "ReverseJobAdmin",
    "ScanEventAdmin",
    "UnitCodeAdmin",
]
