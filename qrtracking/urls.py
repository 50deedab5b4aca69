from django.urls import include, path

urlpatterns = [path("", include("qrtracking.api.urls"))]
