"""Retention: what is of long ago goes with all that is its own, and nothing else."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from qrtracking.models import (
    LabelPage,
    LabelSheet,
    PackingPlan,
    PackingPlanRow,
    PreparedCode,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    ScanItem,
    UnitCode,
)
from qrtracking.services import retention
from qrtracking.services.retention import (
    count_expired,
    delete_expired,
    delete_expired_files,
    delete_expired_jobs,
    delete_refused_scans,
)
from tests.jobs.observe import list_doorbells
from tests.qrtracking.factories import (
    PreparedCodeFactory,
    ReverseJobExcludeFactory,
    ReverseJobFactory,
    ReverseJobLogFactory,
    ScanItemFactory,
    make_generated_batch,
)

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=91)
ENDED = ["completed", "failed", "cancelled"]


@pytest.fixture
def batch():
    return make_generated_batch(units=20, per_case=10)


def job_with_rows(batch, **fields) -> ReverseJob:
    job = ReverseJobFactory(
        batch=batch, **{"status": "completed", "completed_at": LONG_AGO} | fields
    )
    for unit in UnitCode.objects.filter(batch=batch, sequence_number__lte=5):
        PreparedCodeFactory(job=job, unit=unit, invalid=True)
    ReverseJobExcludeFactory(job=job)
    ReverseJobLogFactory(job=job)
    return job


def sheet(batch, **fields) -> LabelSheet:
    made = LabelSheet.objects.create(
        organization=batch.organization,
        batch=batch,
        order_id=batch.order_id,
        kind="unit",
        from_number=1,
        to_number=2,
        page_count=1,
        **{
            "status": "completed",
            "completed_at": LONG_AGO,
            "file": ContentFile(b"%PDF", name="sheet.pdf"),
        }
        | fields,
    )
    LabelPage.objects.create(
        organization=batch.organization, sheet=made, page_number=1, content=b"page"
    )
    return made


def plan(batch, **fields) -> PackingPlan:
    made = PackingPlan.objects.create(
        organization=batch.organization,
        batch=batch,
        order_id=batch.order_id,
        source="paste",
        sha256="0" * 64,
        file=ContentFile(b"m,u", name="plan.csv"),
        **{"status": "completed", "completed_at": LONG_AGO} | fields,
    )
    PackingPlanRow.objects.create(
        organization=batch.organization, plan=made, row_no=1, position=1, raw_master="m", raw="u"
    )
    return made


class TestDeleteExpiredJobs:
    def test_deletes_a_job_with_its_rows_excludes_and_logs(self, batch, monkeypatch):
        monkeypatch.setattr(retention, "CHUNK", 2)
        job_with_rows(batch)

        assert delete_expired_jobs() == {"jobs": 1, "rows": 7}

        for model in (ReverseJob, PreparedCode, ReverseJobExclude, ReverseJobLog):
            assert not model.objects.exists()

    @pytest.mark.parametrize("status", ENDED)
    def test_deletes_jobs_of_every_end(self, batch, status):
        job_with_rows(batch, status=status)

        assert delete_expired_jobs()["jobs"] == 1

    @pytest.mark.parametrize("status", ["queued", "running"])
    def test_keeps_jobs_that_have_not_ended(self, batch, status):
        job_with_rows(batch, status=status)

        assert delete_expired_jobs()["jobs"] == 0

    def test_keeps_a_job_of_which_a_row_waits_for_a_case(self, batch):
        job = job_with_rows(batch)
        PreparedCodeFactory(job=job, unit=UnitCode.objects.get(batch=batch, sequence_number=9))

        assert delete_expired_jobs() == {"jobs": 0, "rows": 0}

    def test_keeps_jobs_for_as_long_as_the_settings_say(self, batch, settings):
        settings.QR_JOB_RETENTION_DAYS = 92
        job_with_rows(batch)

        assert delete_expired_jobs()["jobs"] == 0
        assert delete_expired_jobs(older_than_days=90)["jobs"] == 1


class TestDeleteExpiredFiles:
    @pytest.mark.parametrize("status", ENDED)
    @pytest.mark.parametrize("make", [sheet, plan])
    def test_deletes_the_file_and_the_rows(self, batch, make, status):
        made = make(batch, status=status)
        assert default_storage.exists(made.file.name)

        assert delete_expired_files() == {"files": 1}

        assert not default_storage.exists(made.file.name)
        for model in (LabelSheet, LabelPage, PackingPlan, PackingPlanRow):
            assert not model.objects.exists()

    @pytest.mark.parametrize("make", [sheet, plan])
    @pytest.mark.parametrize(
        "fields",
        [{"completed_at": timezone.now()}, {"status": "running"}, {"status": "queued"}],
    )
    def test_keeps_what_is_young_or_not_ended(self, batch, make, fields):
        made = make(batch, **fields)

        assert delete_expired_files() == {"files": 0}
        assert default_storage.exists(made.file.name)

    def test_goes_on_when_the_file_is_gone_already(self, batch):
        made = sheet(batch)
        default_storage.delete(made.file.name)

        assert delete_expired_files() == {"files": 1}

    def test_takes_what_never_had_a_file(self, batch):
        sheet(batch, status="failed", file="")

        assert delete_expired_files() == {"files": 1}


class TestDeleteRefusedScans:
    def test_deletes_refused_scans_of_long_ago_only(self, batch, monkeypatch):
        monkeypatch.setattr(retention, "CHUNK", 2)
        for outcome in ("refused", "removed", "refused", "linked", "refused"):
            ScanItemFactory(batch=batch, outcome=outcome)
        ScanItem.objects.update(created_at=timezone.now() - timedelta(days=31))
        young = ScanItemFactory(batch=batch, outcome="refused")

        assert delete_refused_scans() == 3

        left = ScanItem.objects.order_by("pk")
        assert list(left.values_list("outcome", flat=True)) == ["removed", "linked", "refused"]
        assert left.last() == young

    def test_stops_at_the_first_young_ones(self, batch, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr(retention, "CHUNK", 2)
        ScanItemFactory.create_batch(6, batch=batch, outcome="refused")

        with django_assert_num_queries(1):
            assert delete_refused_scans() == 0

    def test_has_nothing_to_do_without_scans(self):
        assert delete_refused_scans() == 0


class TestDeleteExpired:
    def test_deletes_everything_and_tells_how_much(self, batch):
        job_with_rows(batch)
        sheet(batch)
        plan(batch)
        ScanItemFactory(batch=batch, outcome="refused")
        ScanItem.objects.update(created_at=LONG_AGO)
        assert count_expired(older_than_days=90) == {"jobs": 1, "files": 2, "scans": 1}

        assert delete_expired() == {"jobs": 1, "rows": 7, "files": 2, "scans": 1}

        assert count_expired(older_than_days=90) == {"jobs": 0, "files": 0, "scans": 0}

    def test_stops_after_its_time_and_rings_for_the_rest(self, batch, settings):
        for _ in range(3):
            job_with_rows(batch)
        sheet(batch)
        settings.JOBS_DOORBELL = "django_q"

        first = delete_expired(seconds=-1)

        assert first == {"jobs": 1, "rows": 7, "files": 0, "scans": 0}
        assert list_doorbells() == [("default", "jobs.tasks.run_schedule", "qr_retention")]
        for _ in range(3):
            delete_expired(seconds=-1)
        assert count_expired(older_than_days=90) == {"jobs": 0, "files": 0, "scans": 0}
        assert delete_expired(seconds=-1) == {"jobs": 0, "rows": 0, "files": 0, "scans": 0}
