from django.urls import path

from jobs.api.views import JobViewSet

app_name = "jobs"

urlpatterns = [
    path("api/v1/jobs", JobViewSet.as_view({"get": "list"}), name="jobs"),
    path("api/v1/jobs/<str:job_id>", JobViewSet.as_view({"get": "retrieve"}), name="job"),
    path("api/v1/jobs/<str:job_id>/cancel", JobViewSet.as_view({"post": "cancel"}), name="cancel"),
    path("api/v1/jobs/<str:job_id>/retry", JobViewSet.as_view({"post": "retry"}), name="retry"),
]
