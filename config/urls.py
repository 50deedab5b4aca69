from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls)]
for module in ("accounts.urls", "jobs.api.urls", "qrtracking.urls"):
    if find_spec(module):
        urlpatterns.append(path("", include(module)))
