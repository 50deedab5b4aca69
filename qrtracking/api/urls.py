from django.urls import include, path
from rest_framework.routers import SimpleRouter

from qrtracking.api.views.contract import LinkView, StatusView, SubmitView
from qrtracking.api.views.excludes import CodesView, ResolveView
from qrtracking.api.views.exports import (
    BatchEpcisView,
    CaseEpcisView,
    PreparedCsvView,
    PreparedXlsxView,
    ScanSummaryView,
    SsccView,
)
from qrtracking.api.views.health import HealthView
from qrtracking.api.views.jobs import ReverseJobViewSet
from qrtracking.api.views.labels import LabelPrinterViewSet, LabelSheetViewSet
from qrtracking.api.views.orders import BatchViewSet, OrderViewSet
from qrtracking.api.views.packing import (
    CheckView,
    CompleteView,
    PackView,
    PerfectView,
    UnlinkView,
)
from qrtracking.api.views.packing_plans import PackingPlanViewSet, PlanResultView
from qrtracking.api.views.progress import (
    BatchProgressView,
    HistoryView,
    ProgressView,
    UnitView,
)
from qrtracking.api.views.rows import CaseViewSet, UnitViewSet
from qrtracking.api.views.scanning import (
    DecodeView,
    ReceiveView,
    ReplacementsView,
    ScansView,
    UndoView,
)
from qrtracking.api.views.worker import WorkerView

app_name = "qrtracking"

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("orders", OrderViewSet, basename="order")
router.register("batches", BatchViewSet, basename="batch")
router.register("cases", CaseViewSet, basename="case")
router.register("codes", UnitViewSet, basename="code")
router.register("reverse-jobs", ReverseJobViewSet, basename="reverse-job")
router.register("label-printers", LabelPrinterViewSet, basename="label-printer")
router.register("label-sheets", LabelSheetViewSet, basename="label-sheet")
router.register("packing-plans", PackingPlanViewSet, basename="packing-plan")

contract = {
    "reverse-job/submit": SubmitView,
    "reverse-job/status": StatusView,
    "reverse-job/worker": WorkerView,
    "reverse-job/health": HealthView,
    "link-to-master-from-queue": LinkView,
    "batch-progress": ProgressView,
    "scan-history": HistoryView,
    "scan-unique": UnitView,
    "get-batch-codes": CodesView,
    "link-to-master": PackView,
    "mark-case-perfect": PerfectView,
    "check-master-codes": CheckView,
    "unlink-master": UnlinkView,
    "complete-production": CompleteView,
    "scan-summary-excel": ScanSummaryView,
}

urlpatterns = [
    *(
        path(f"api/manufacturer/{name}", view.as_view(), name=name.replace("/", "-"))
        for name, view in contract.items()
    ),
    # Clients of a function service call the same views by one name each.
    *(
        path(f"functions/v1/{name.replace('/', '-')}", view.as_view())
        for name, view in contract.items()
    ),
    path("api/qr/batches/<uuid:batch_id>/progress", BatchProgressView.as_view()),
    path("api/v1/qr/scans", ScansView.as_view()),
    path("api/v1/qr/undo", UndoView.as_view()),
    path("api/v1/qr/decode", DecodeView.as_view()),
    path("api/v1/qr/resolve", ResolveView.as_view()),
    path("api/v1/qr/replacements", ReplacementsView.as_view()),
    path("api/v1/qr/cases/receive", ReceiveView.as_view()),
    path(
        "api/v1/qr/reverse-jobs/<uuid:job_id>/prepared.xlsx",
        PreparedXlsxView.as_view(),
        name="prepared-xlsx",
    ),
    path(
        "api/v1/qr/reverse-jobs/<uuid:job_id>/prepared.csv",
        PreparedCsvView.as_view(),
        name="prepared-csv",
    ),
    path("api/v1/qr/batches/<uuid:batch_id>/epcis", BatchEpcisView.as_view(), name="batch-epcis"),
    path("api/v1/qr/batches/<uuid:batch_id>/ssccs", SsccView.as_view()),
    path("api/v1/qr/cases/<uuid:case_id>/epcis", CaseEpcisView.as_view(), name="case-epcis"),
    path(
        "api/v1/qr/packing-plans/<uuid:plan_id>/result.xlsx",
        PlanResultView.as_view(),
        name="packing-plan-result",
    ),
    path("api/v1/qr/", include(router.urls)),
]
