from django.urls import include, path

urlpatterns = [
    path("", include("inventory.api.urls")),
    path("", include("inventory.api.v1_urls")),
    path("scan/intake/", include("inventory.scan_urls")),
]
