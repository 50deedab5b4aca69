from django.urls import path

from qrtracking.services.scanning import ScanMode
from qrtracking.views.batches import BatchView, FindView, HomeView
from qrtracking.views.cases import CasesView, CaseView, CloseShortView, SsccsView, UnlinkView
from qrtracking.views.device import DeviceView
from qrtracking.views.finish import CompleteView, FinishView
from qrtracking.views.history import HistoryView, HistoryXlsxView, UndoView
from qrtracking.views.jobs import CancelView, JobFragmentView, JobView, RetryView
from qrtracking.views.labels import (
    LabelsSubmitView,
    LabelsView,
    SheetCancelView,
    SheetRetryView,
    SheetsFragmentView,
)
from qrtracking.views.pack import (
    PackListView,
    PackPasteView,
    PackScanView,
    PackView,
)
from qrtracking.views.perfect import PerfectMarkView, PerfectRestView, PerfectView
from qrtracking.views.photo import PhotoView
from qrtracking.views.plan import (
    PlanAgainView,
    PlanApplyView,
    PlanCancelView,
    PlanFragmentView,
    PlanRetryView,
    PlanSubmitView,
    PlanView,
)
from qrtracking.views.rest import (
    JobsFragmentView,
    LinkFragmentView,
    LinkView,
    PreviewView,
    RestView,
    SubmitView,
)
from qrtracking.views.rest_now import PrepareView, RestNowLinkView, RestNowView
from qrtracking.views.spoil import CaseSpoilView, SpoiledView, SpoilView

app_name = "scan"
PERFECT, REST = ScanMode.PERFECT, ScanMode.REST

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("device/", DeviceView.as_view(), name="device"),
    path("find/", FindView.as_view(), name="find"),
    path("b/<uuid:batch_id>/", BatchView.as_view(), name="batch"),
    path("b/<uuid:batch_id>/undo/", UndoView.as_view(), name="undo"),
    path("b/<uuid:batch_id>/finish/", FinishView.as_view(), name="finish"),
    path("b/<uuid:batch_id>/finish/complete/", CompleteView.as_view(), name="complete"),
    path("b/<uuid:batch_id>/history/", HistoryView.as_view(), name="history"),
    path("b/<uuid:batch_id>/history.xlsx", HistoryXlsxView.as_view(), name="history-xlsx"),
    path("b/<uuid:batch_id>/labels/", LabelsView.as_view(), name="labels"),
    path("b/<uuid:batch_id>/labels/sheets/", SheetsFragmentView.as_view(), name="labels-sheets"),
    path("b/<uuid:batch_id>/labels/submit/", LabelsSubmitView.as_view(), name="labels-submit"),
    path(
        "b/<uuid:batch_id>/labels/<uuid:sheet_id>/cancel/",
        SheetCancelView.as_view(),
        name="labels-cancel",
    ),
    path(
        "b/<uuid:batch_id>/labels/<uuid:sheet_id>/retry/",
        SheetRetryView.as_view(),
        name="labels-retry",
    ),
    path("b/<uuid:batch_id>/pack/", PackView.as_view(), name="pack"),
    path("b/<uuid:batch_id>/pack/scan/", PackScanView.as_view(), name="pack-scan"),
    path("b/<uuid:batch_id>/pack/paste/", PackPasteView.as_view(), name="pack-paste"),
    path(
        "b/<uuid:batch_id>/pack/<uuid:item_id>/remove/",
        PackListView.as_view(verb="remove"),
        name="pack-remove",
    ),
    path("b/<uuid:batch_id>/pack/clear/", PackListView.as_view(verb="clear"), name="pack-clear"),
    path("b/<uuid:batch_id>/pack/undo/", PackListView.as_view(verb="undo"), name="pack-undo"),
    path("b/<uuid:batch_id>/pack/photo/", PhotoView.as_view(), name="pack-photo"),
    path(
        "b/<uuid:batch_id>/perfect/photo/",
        PhotoView.as_view(mode=PERFECT, page="scan:perfect"),
        name="perfect-photo",
    ),
    path(
        "b/<uuid:batch_id>/rest/photo/",
        PhotoView.as_view(mode=REST, page="scan:rest"),
        name="rest-photo",
    ),
    path(
        "b/<uuid:batch_id>/rest-now/photo/",
        PhotoView.as_view(mode=REST, page="scan:rest-now"),
        name="rest-now-photo",
    ),
    path("b/<uuid:batch_id>/perfect/", PerfectView.as_view(), name="perfect"),
    path("b/<uuid:batch_id>/perfect/mark/", PerfectMarkView.as_view(), name="perfect-mark"),
    path(
        "b/<uuid:batch_id>/perfect/<int:number>/rest/",
        PerfectRestView.as_view(),
        name="perfect-rest",
    ),
    path("b/<uuid:batch_id>/plan/", PlanView.as_view(), name="plan"),
    path("b/<uuid:batch_id>/plan/submit/", PlanSubmitView.as_view(), name="plan-submit"),
    path(
        "b/<uuid:batch_id>/plan/<uuid:plan_id>/live/", PlanFragmentView.as_view(), name="plan-live"
    ),
    path(
        "b/<uuid:batch_id>/plan/<uuid:plan_id>/apply/", PlanApplyView.as_view(), name="plan-apply"
    ),
    path(
        "b/<uuid:batch_id>/plan/<uuid:plan_id>/again/", PlanAgainView.as_view(), name="plan-again"
    ),
    path(
        "b/<uuid:batch_id>/plan/<uuid:plan_id>/cancel/",
        PlanCancelView.as_view(),
        name="plan-cancel",
    ),
    path(
        "b/<uuid:batch_id>/plan/<uuid:plan_id>/retry/", PlanRetryView.as_view(), name="plan-retry"
    ),
    path("b/<uuid:batch_id>/rest/", RestView.as_view(), name="rest"),
    path("b/<uuid:batch_id>/rest/jobs/", JobsFragmentView.as_view(), name="rest-jobs"),
    path("b/<uuid:batch_id>/rest/ready/", LinkFragmentView.as_view(), name="rest-ready"),
    path("b/<uuid:batch_id>/rest/preview/", PreviewView.as_view(), name="rest-preview"),
    path("b/<uuid:batch_id>/rest/submit/", SubmitView.as_view(), name="rest-submit"),
    path("b/<uuid:batch_id>/rest/link/", LinkView.as_view(), name="rest-link"),
    path("b/<uuid:batch_id>/rest-now/", RestNowView.as_view(), name="rest-now"),
    path("b/<uuid:batch_id>/rest-now/prepare/", PrepareView.as_view(), name="rest-now-prepare"),
    path("b/<uuid:batch_id>/rest-now/link/", RestNowLinkView.as_view(), name="rest-now-link"),
    path("b/<uuid:batch_id>/cases/", CasesView.as_view(), name="cases"),
    path("b/<uuid:batch_id>/cases/ssccs/", SsccsView.as_view(), name="ssccs"),
    path("b/<uuid:batch_id>/spoiled/", SpoiledView.as_view(), name="spoiled"),
    path("b/<uuid:batch_id>/spoiled/mark/", SpoilView.as_view(), name="spoil"),
    path("cases/<uuid:case_id>/", CaseView.as_view(), name="case"),
    path("cases/<uuid:case_id>/unlink/", UnlinkView.as_view(), name="case-unlink"),
    path("cases/<uuid:case_id>/close-short/", CloseShortView.as_view(), name="case-close-short"),
    path("cases/<uuid:case_id>/spoil/", CaseSpoilView.as_view(), name="case-spoil"),
    path("jobs/<uuid:job_id>/", JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/live/", JobFragmentView.as_view(), name="job-live"),
    path("jobs/<uuid:job_id>/cancel/", CancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", RetryView.as_view(), name="job-retry"),
]
