from django.urls import path

from qrtracking.views.batches import BatchView, FindView, HomeView
from qrtracking.views.finish import CompleteView, FinishView
from qrtracking.views.history import HistoryView, UndoView
from qrtracking.views.jobs import CancelView, JobFragmentView, JobView, RetryView
from qrtracking.views.pack import (
    PackListView,
    PackPasteView,
    PackScanView,
    PackView,
)
from qrtracking.views.perfect import PerfectMarkView, PerfectRestView, PerfectView
from qrtracking.views.rest import (
    JobsFragmentView,
    LinkFragmentView,
    LinkView,
    PreviewView,
    RestView,
    SubmitView,
)

app_name = "scan"

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("find/", FindView.as_view(), name="find"),
    path("b/<uuid:batch_id>/", BatchView.as_view(), name="batch"),
    path("b/<uuid:batch_id>/undo/", UndoView.as_view(), name="undo"),
    path("b/<uuid:batch_id>/finish/", FinishView.as_view(), name="finish"),
    path("b/<uuid:batch_id>/finish/complete/", CompleteView.as_view(), name="complete"),
    path("b/<uuid:batch_id>/history/", HistoryView.as_view(), name="history"),
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
    path("b/<uuid:batch_id>/perfect/", PerfectView.as_view(), name="perfect"),
    path("b/<uuid:batch_id>/perfect/mark/", PerfectMarkView.as_view(), name="perfect-mark"),
    path(
        "b/<uuid:batch_id>/perfect/<int:number>/rest/",
        PerfectRestView.as_view(),
        name="perfect-rest",
    ),
    path("b/<uuid:batch_id>/rest/", RestView.as_view(), name="rest"),
    path("b/<uuid:batch_id>/rest/jobs/", JobsFragmentView.as_view(), name="rest-jobs"),
    path("b/<uuid:batch_id>/rest/ready/", LinkFragmentView.as_view(), name="rest-ready"),
    path("b/<uuid:batch_id>/rest/preview/", PreviewView.as_view(), name="rest-preview"),
    path("b/<uuid:batch_id>/rest/submit/", SubmitView.as_view(), name="rest-submit"),
    path("b/<uuid:batch_id>/rest/link/", LinkView.as_view(), name="rest-link"),
    path("jobs/<uuid:job_id>/", JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/live/", JobFragmentView.as_view(), name="job-live"),
    path("jobs/<uuid:job_id>/cancel/", CancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", RetryView.as_view(), name="job-retry"),
]
