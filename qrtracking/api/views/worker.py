from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.models import Job
from jobs.runner import run_next
from jobs.states import State
from qrtracking.api.answers import WorkerAnswer, WorkerFailure, WorkerInfo
from qrtracking.api.authentication import IsWorker, WorkerSecretAuthentication
from qrtracking.models import ReverseJob

INFO = {
    "worker": "Reverse Batch Job Processor",
    "version": "1.0.0",
    "status": "ready",
    "info": "POST with Bearer token to process queued jobs",
}


class WorkerView(APIView):
    """For cron services: works in the request, with the secret of the environment.

    No user is behind it, so neither session nor token nor cross-site checks apply.
    """

    envelope = "success"
    authentication_classes = [WorkerSecretAuthentication]

    def get_permissions(self) -> list[BasePermission]:
        return [IsWorker()] if self._is_call_to_work() else [AllowAny()]

    @extend_schema(
        responses=WorkerInfo,
        parameters=[OpenApiParameter("run", str, description="1: work, like POST.")],
    )
    def get(self, request: Request) -> Response:
        """What this endpoint is; with `run=1` and the secret it works like POST."""
        return _work() if self._is_call_to_work() else Response(INFO)

    @extend_schema(request=None, responses={200: WorkerAnswer, 500: WorkerFailure})
    def post(self, request: Request) -> Response:
        """Work on the most urgent job until it ends or the time is over."""
        return _work()

    def _is_call_to_work(self) -> bool:
        return self.request.method == "POST" or self.request.GET.get("run") == "1"


def _work() -> Response:
    job = run_next(ReverseJob, budget_seconds=settings.QR_WORKER_BUDGET_SECONDS)
    if job is None:
        return Response({"success": True, "message": "No jobs to process"})
    answer, status = describe_run(job)
    return Response(answer, status=status)


def describe_run(job: Job) -> tuple[dict[str, Any], int]:
    """The answer and HTTP status for a job as a run left it."""
    answer: dict[str, Any] = {"success": True, "job_id": str(job.pk)}
    match job.state:
        case State.DONE:
            return answer | {"result": job.result_summary}, 200
        case State.FAILED:
            failure = {"success": False, "error": job.error_message, "code": job.error_code}
            return answer | failure, 500
        case State.WAITING:
            return answer | {"status": job.status} | _why_waiting(job), 200
        case State.CANCELLED:
            return answer | {"status": job.status, "message": "Job was cancelled"}, 200
    message = "Another worker has taken the job over"
    return answer | {"status": job.status, "message": message}, 200


def _why_waiting(job: Job) -> dict[str, Any]:
    # A run that spent its time has committed a slice, which sets the failures back to none.
    if job.attempts:
        return {"retry_at": job.run_after, "message": "Job will be retried"}
    return {"continue": True, "progress": job.progress, "message": "Time limit reached"}
