from django.urls import include, path

from qrtracking.views.track import TrackView

urlpatterns = [
    path("", include("qrtracking.api.urls")),
    path("scan/", include("qrtracking.scan_urls")),
    path("track/product/<path:code>", TrackView.as_view(), name="track-product"),
    path("track/master/<path:code>", TrackView.as_view(), name="track-master"),
]
