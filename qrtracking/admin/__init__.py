from qrtracking.admin.batches import BatchAdmin
from qrtracking.admin.cases import MasterCodeAdmin
from qrtracking.admin.catalog import OrderAdmin, ProductAdmin, ProductVariantAdmin
from qrtracking.admin.events import ScanEventAdmin
from qrtracking.admin.labels import LabelPrinterAdmin, LabelSheetAdmin
from qrtracking.admin.packing_plans import PackingPlanAdmin
from qrtracking.admin.queue import PreparedCodeAdmin
from qrtracking.admin.reverse_jobs import ReverseJobAdmin
from qrtracking.admin.sscc import SsccCounterAdmin
from qrtracking.admin.units import UnitCodeAdmin

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
    "SsccCounterAdmin",
    "UnitCodeAdmin",
]
