from django.urls import path

from inventory.views.done import AgainView, DoneView
from inventory.views.photo import PhotoView
from inventory.views.places import ChoosePlaceView, PlaceView
from inventory.views.sent import SentScansView
from inventory.views.station import ScanFormView, StationPage, UndoView

app_name = "intake"

urlpatterns = [
    path("", StationPage.as_view(), name="station"),
    path("place/", PlaceView.as_view(), name="place"),
    path("place/choose/", ChoosePlaceView.as_view(), name="choose-place"),
    path("scan/", ScanFormView.as_view(), name="scan"),
    path("scans/", SentScansView.as_view(), name="sent"),
    path("photo/", PhotoView.as_view(), name="photo"),
    path("undo/", UndoView.as_view(), name="undo"),
    path("done/", DoneView.as_view(), name="done"),
    path("done/again/", AgainView.as_view(), name="again"),
]
