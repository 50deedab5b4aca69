"""The commands for cron and for people at a shell."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Role
from qrtracking.models import Batch, MasterCode, PreparedCode, ReverseJob, UnitCode
from tests.accounts.factories import make_member
from tests.qrtracking.factories import (
    PreparedCodeFactory,
    ReverseJobFactory,
    ReverseJobLogFactory,
    make_generated_batch,
)

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def batch():
    batch = make_generated_batch(units=300)
    make_member(Role.VIEWER, organization=batch.organization, username="reader")
    make_member(Role.OPERATOR, organization=batch.organization, username="packer")
    return batch


class TestQrPrepare:
    def test_submits_in_the_name_of_the_first_member_who_may(self, batch):
        facts = run("qr_prepare", "--batch", str(batch.pk))

        job = ReverseJob.objects.get(pk=facts["job_id"])
        assert facts["status"] == "queued"
        assert job.created_by.username == "packer"

    def test_works_off_a_file_of_excludes_here(self, batch, tmp_path):
        excludes = tmp_path / "excludes.txt"
        excludes.write_text("15-20\nSEQ:15, zzz\n")

        facts = run("qr_prepare", "--batch", str(batch.pk), "--exclude-file", str(excludes),
                    "--cases", "1-2", "--run")  # fmt: skip

        assert facts["status"] == "completed"
        assert facts["result"]["prepared"] == 194
        assert facts["result"]["excluded_not_found"] == ["zzz"]

    def test_takes_one_variant(self):
        mixed = make_generated_batch(variants={"JAS": 250, "MINT": 100})
        make_member(organization=mixed.organization)

        facts = run("qr_prepare", "--batch", str(mixed.pk), "--variant", "MINT", "--run")

        assert facts["result"]["prepared"] == 100

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["--variant", "NOPE"], "No single variant"),
            (["--exclude-file", "/does/not/exist"], "cannot be read"),
            (["--user", "reader"], "No such member"),
            (["--priority", "11"], "priority must be from 1 to 10"),
            (["--cases", "9"], "filter_case_numbers are not of this batch"),
            (["--cases", "x"], "not a case number"),
        ],
    )
    def test_refuses_with_a_reason(self, batch, arguments, text):
        with pytest.raises(CommandError, match=text):
            run("qr_prepare", "--batch", str(batch.pk), *arguments)
        assert not ReverseJob.objects.exists()

    def test_knows_no_other_batch(self):
        with pytest.raises(CommandError, match="There is no batch"):
            run("qr_prepare", "--batch", "00000000-0000-7000-8000-000000000000")


class TestQrWorker:
    def test_says_when_nothing_is_due(self):
        assert run("qr_worker", "--once") == {"message": "No jobs to process"}

    def test_once_works_one_job_off(self, batch):
        for _ in range(2):
            run("qr_prepare", "--batch", str(batch.pk))

        facts = run("qr_worker", "--once")

        (done,) = facts["jobs"]
        assert (done["status"], done["result"]["prepared"]) == ("completed", 300)
        assert ReverseJob.objects.filter(status="queued").count() == 1

    def test_exits_with_an_error_when_a_job_failed_for_good(self, batch):
        run("qr_prepare", "--batch", str(batch.pk))
        Batch.objects.filter(pk=batch.pk).update(status="completed")
        out = StringIO()

        with pytest.raises(CommandError, match="1 of 1 jobs failed"):
            call_command("qr_worker", "--once", "--json", stdout=out)

        (failed,) = json.loads(out.getvalue())["jobs"]
        assert (failed["status"], failed["code"]) == ("failed", "batch_not_ready")
        assert failed["error"] == "Batch is not ready for packing (completed)"

    def test_for_some_seconds_works_off_all_that_is_due(self, batch):
        for _ in range(2):
            run("qr_prepare", "--batch", str(batch.pk))

        facts = run("qr_worker", "--seconds", "30")

        assert {job["status"] for job in facts["jobs"]} == {"completed"}
        assert not ReverseJob.objects.exclude(status="completed").exists()


class TestQrStatus:
    def test_of_a_job(self, batch):
        job_id = run("qr_prepare", "--batch", str(batch.pk), "--run")["job_id"]

        facts = run("qr_status", "--job", job_id)

        assert (facts["status"], facts["prepared_count"]) == ("completed", 300)
        assert facts["remaining_to_prepare"] == 0
        assert facts["batch_id"] == str(batch.pk)
        assert facts["created_at"] <= facts["started_at"] <= facts["completed_at"]

    def test_of_a_batch(self, batch):
        run("qr_prepare", "--batch", str(batch.pk), "--run")
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            actual_unit_count=100, status="packed"
        )

        facts = run("qr_status", "--batch", str(batch.pk))

        assert (facts["packed_cases"], facts["packed_units"], facts["progress"]) == (1, 100, 33)
        assert (facts["ready"], facts["ready_by_variant"]) == (300, {"MINT": 300})

    def test_knows_no_other_job(self):
        with pytest.raises(CommandError, match="There is no job"):
            run("qr_status", "--job", "00000000-0000-7000-8000-000000000000")


class TestQrCleanup:
    @pytest.fixture
    def old_job(self, batch):
        long_ago = timezone.now() - timedelta(days=91)
        job = ReverseJobFactory(batch=batch, completed=True, completed_at=long_ago)
        unit = UnitCode.objects.get(batch=batch, sequence_number=1)
        PreparedCodeFactory(job=job, unit=unit, invalid=True)
        ReverseJobLogFactory(job=job)
        return job

    def test_deletes_old_jobs_with_all_that_is_theirs(self, batch, old_job):
        young = ReverseJobFactory(batch=batch, completed=True, completed_at=timezone.now())

        facts = run("qr_cleanup")

        assert facts == {"jobs": 1, "rows": 2, "files": 0, "scans": 0, "dry_run": False}
        assert list(ReverseJob.objects.values_list("pk", flat=True)) == [young.pk]

    def test_keeps_a_job_whose_rows_wait_for_a_case(self, batch, old_job):
        unit = UnitCode.objects.get(batch=batch, sequence_number=2)
        PreparedCodeFactory(job=old_job, unit=unit)

        assert run("qr_cleanup")["jobs"] == 0

    def test_keeps_jobs_that_have_not_ended(self, old_job):
        ReverseJob.objects.update(status="queued")

        assert run("qr_cleanup")["jobs"] == 0

    def test_only_counts_in_a_dry_run(self, old_job):
        facts = run("qr_cleanup", "--dry-run")

        assert facts == {"jobs": 1, "files": 0, "scans": 0, "dry_run": True}
        assert run("qr_cleanup", "--older-than", "200", "--dry-run")["jobs"] == 0
        assert ReverseJob.objects.exists()


class TestQrVerify:
    def test_finds_nothing_in_order(self, batch):
        run("qr_prepare", "--batch", str(batch.pk), "--run")

        assert run("qr_verify") == {"fixed": 0, "differences": []}

    def test_finds_and_fixes_a_wrong_count(self, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=3)
        with pytest.raises(CommandError, match="1 differences"):
            run("qr_verify", "--batch", str(batch.pk))

        facts = run("qr_verify", "--fix-counts")

        assert facts == {"fixed": 1, "differences": []}
        assert MasterCode.objects.get(batch=batch, case_number=1).actual_unit_count == 0

    def test_finds_and_fixes_a_case_that_is_packed_on_paper_only(self, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="packed")
        out = StringIO()
        with pytest.raises(CommandError, match="1 differences"):
            call_command("qr_verify", "--json", stdout=out)
        assert json.loads(out.getvalue())["differences"][0] | {"subject": ""} == {
            "kind": "case_status",
            "subject": "",
            "stored": 0,
            "found": 100,
        }

        assert run("qr_verify", "--fix-counts") == {"fixed": 1, "differences": []}
        assert MasterCode.objects.get(batch=batch, case_number=1).status == "generated"

    def test_finds_a_full_case_that_is_not_packed(self, batch):
        case = batch.cases.get(case_number=1)
        units = UnitCode.objects.filter(batch=batch, sequence_number__lte=100)
        units.update(status="packed", master_code=case)

        assert run("qr_verify", "--fix-counts") == {"fixed": 1, "differences": []}

        case.refresh_from_db()
        assert (case.status, case.actual_unit_count) == ("packed", 100)

    def test_finds_spoiled_units_that_wait_in_the_queue(self, batch):
        run("qr_prepare", "--batch", str(batch.pk), "--run")
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="spoiled")
        out = StringIO()

        with pytest.raises(CommandError, match="1 differences"):
            call_command("qr_verify", "--json", stdout=out)

        (difference,) = json.loads(out.getvalue())["differences"]
        assert difference["kind"] == "live_row_of_spoiled_unit"

    def test_looks_at_one_batch_when_asked(self, batch):
        other = make_generated_batch(organization=batch.organization, units=20, per_case=10)
        MasterCode.objects.filter(batch=other, case_number=1).update(actual_unit_count=3)

        assert run("qr_verify", "--batch", str(batch.pk)) == {"fixed": 0, "differences": []}

    def test_finds_jobs_and_rows_that_disagree(self, batch):
        run("qr_prepare", "--batch", str(batch.pk), "--run")
        job = ReverseJob.objects.get()
        PreparedCode.objects.filter(job=job, sequence_number=1).delete()
        case = batch.cases.get(case_number=1)
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(
            status="packed", master_code=case
        )
        out = StringIO()

        with pytest.raises(CommandError):
            call_command("qr_verify", "--json", stdout=out)

        kinds = {difference["kind"] for difference in json.loads(out.getvalue())["differences"]}
        assert kinds == {"job_prepared_count", "live_row_of_packed_unit", "case_count"}
