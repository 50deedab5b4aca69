"""Downloads: their rows are read while they are sent."""

from typing import Any, cast
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.files import FileView, file_answer, file_schema
from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking import errors
from qrtracking.api import wire
from qrtracking.api.views.contract import ContractView
from qrtracking.errors import packing as packing_errors
from qrtracking.exports import epcis, prepared, scan_summary
from qrtracking.models import ReverseJob
from qrtracking.selectors.progress import get_batch_progress
from qrtracking.selectors.visible import get_job_status, list_batches, list_cases
from qrtracking.services.ssccs import Assignment, assign_ssccs
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE, stream_csv, stream_xlsx


class SsccAnswer(serializers.Serializer[Assignment]):
    assigned_count = serializers.IntegerField()
    kept_count = serializers.IntegerField(help_text="Cases that had a number before.")
    first_sscc = serializers.CharField(allow_null=True)
    last_sscc = serializers.CharField(allow_null=True)


class DownloadView(FileView):
    permission_classes = [OrganizationPermission]

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


class BatchEpcisView(DownloadView):
    @extend_schema(responses=file_schema(epcis.CONTENT_TYPE))
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """The packed cases of a batch, as an EPCIS 2.0 document of aggregation events."""
        batch = list_batches(user=self._user).filter(pk=batch_id).first()
        if batch is None:
            raise errors.BatchNotFound
        return file_answer(
            epcis.stream_document(batch=batch, now=timezone.now()),
            name=f"EPCIS_{batch.order.order_no}.jsonld",
            content_type=epcis.CONTENT_TYPE,
        )


class CaseEpcisView(DownloadView):
    @extend_schema(responses=file_schema(epcis.CONTENT_TYPE))
    def get(self, request: Request, case_id: UUID) -> HttpResponseBase:
        """What was packed into a case and taken out of it, as an EPCIS 2.0 document."""
        cases = list_cases(user=self._user).select_related("batch__order").filter(pk=case_id)
        case = cases.first()
        if case is None:
            raise packing_errors.CaseNotFound
        return file_answer(
            epcis.stream_document(batch=case.batch, case=case, now=timezone.now()),
            name=f"EPCIS_{case.batch.order.order_no}_Case_{case.case_number}.jsonld",
            content_type=epcis.CONTENT_TYPE,
        )


class SsccView(IdempotentCreateMixin):
    permission_classes = [OrganizationPermission]
    required_roles = {"post": Role.MANAGER}

    @extend_schema(request=None, responses=SsccAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Give each case of a batch its shipping number (SSCC); a case that has one keeps it."""
        assignment = assign_ssccs(actor=cast(User, request.user), batch_id=batch_id)
        return Response(SsccAnswer(assignment).data)


class ScanSummaryView(FileView, ContractView):
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
