from django.urls import include, path

urlpatterns = [
    path("", include("qrtracking.api.urls")),
    path("scan/", include("qrtracking.scan_urls")),
]
