from qrtracking.models.batch import PACKABLE, Batch, BatchStatus
from qrtracking.models.case import LOCKED, CaseStatus, MasterCode
from qrtracking.models.catalog import Order, OrderItem, OrderStatus, Product, ProductVariant
from qrtracking.models.labels import (
    LabelKind,
    LabelLayout,
    LabelPage,
    LabelPrinter,
    LabelSheet,
)
from qrtracking.models.packing_plan import (
    PackingPlan,
    PackingPlanRow,
    PlanOutcome,
    PlanPhase,
    PlanReason,
    PlanSource,
)
from qrtracking.models.queue import (
    InvalidReason,
    PreparedCode,
    PreparedStatus,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    ReverseJobStatus,
)
from qrtracking.models.scan import EventKind, ScanEvent, ScanItem, ScanOutcome
from qrtracking.models.sscc import SsccCounter
from qrtracking.models.unit import FREE, INSIDE_CASES, UnitCode, UnitStatus

__all__ = [
    "FREE",
    "INSIDE_CASES",
    "LOCKED",
    "PACKABLE",
    "Batch",
    "BatchStatus",
    "CaseStatus",
    "EventKind",
    "InvalidReason",
    "LabelKind",
    "LabelLayout",
    "LabelPage",
    "LabelPrinter",
    "LabelSheet",
    "MasterCode",
    "Order",
    "OrderItem",
    "OrderStatus",
    "PackingPlan",
    "PackingPlanRow",
    "PlanOutcome",
    "PlanPhase",
    "PlanReason",
    "PlanSource",
    "PreparedCode",
    "PreparedStatus",
    "Product",
    "ProductVariant",
    "ReverseJob",
    "ReverseJobExclude",
    "ReverseJobLog",
    "ReverseJobStatus",
    "ScanEvent",
    "ScanItem",
    "ScanOutcome",
    "SsccCounter",
    "UnitCode",
    "UnitStatus",
]
