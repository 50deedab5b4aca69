"""Downloads: their rows are read while they are sent."""

from typing import Any, cast
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import OrganizationPermission
from accounts.models import User
from qrtracking import errors
from qrtracking.api import wire
from qrtracking.api.files import AnyAccept, file_answer, file_schema
from qrtracking.api.views.contract import ContractView
from qrtracking.exports import prepared, scan_summary
from qrtracking.models import ReverseJob
from qrtracking.progress_selectors import get_batch_progress
from qrtracking.selectors import get_job_status
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE, stream_csv, stream_xlsx


class DownloadView(APIView):
    permission_classes = [OrganizationPermission]
    content_negotiation_class = AnyAccept

    @property
    def _user(self) -> User:
        return cast(User, self.request.user)


class _PreparedView(DownloadView):
    def get_job(self, job_id: UUID) -> ReverseJob:
        return get_job_status(user=self._user, job_id=job_id)


class PreparedXlsxView(_PreparedView):
    @extend_schema(responses=file_schema(XLSX_CONTENT_TYPE))
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """The units that the job has prepared, as a workbook; a new sheet every 1,000,000 rows."""
        job = self.get_job(job_id)
        return file_answer(
            stream_xlsx([prepared.prepared_sheet(job=job)]),
            name=f"{prepared.file_stem(job=job)}.xlsx",
            content_type=XLSX_CONTENT_TYPE,
        )


class PreparedCsvView(_PreparedView):
    @extend_schema(responses=file_schema(CSV_CONTENT_TYPE))
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """The units that the job has prepared, as CSV in UTF-8."""
        job = self.get_job(job_id)
        return file_answer(
            stream_csv(prepared.HEADER, prepared.prepared_rows(job=job)),
            name=f"{prepared.file_stem(job=job)}.csv",
            content_type=CSV_CONTENT_TYPE,
        )


class ScanSummaryView(ContractView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        responses=file_schema(XLSX_CONTENT_TYPE),
        parameters=[OpenApiParameter("batch_id", str, required=True)],
    )
    def get(self, request: Request, *args: Any) -> HttpResponseBase:
        """What was packed in a batch: a summary, its cases, and the units in them."""
        batch_id = request.query_params.get("batch_id")
        if not batch_id:
            raise errors.FieldMissing("Batch ID is required")
        user = cast(User, request.user)
        report = get_batch_progress(user=user, batch_id=wire.read_id(batch_id))
        if report is None:
            raise errors.BatchNotFound
        name = scan_summary.file_name(
            order_no=report.batch.order.order_no, on=timezone.now().date()
        )
        return file_answer(
            stream_xlsx(scan_summary.scan_summary(report=report)),
            name=name,
            content_type=XLSX_CONTENT_TYPE,
        )
