from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError

from accounts.errors import OrganizationRequired
from accounts.models import Role
from jobs.models import Job
from jobs.services import cancel_job
from qrtracking import errors
from qrtracking.errors import plans as plan_errors
from qrtracking.models import Batch, MasterCode, PackingPlan
from qrtracking.services import packing_plans
from qrtracking.services.packing_plans import (
    apply_packing_plan,
    submit_plan_file,
    submit_plan_text,
)
from tables.errors import TableUnreadable
from tables.streaming import Sheet, stream_xlsx
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import PackingPlanFactory, make_generated_batch
from tests.qrtracking.plans import READY, check, lines, manager_of, outcomes, run
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@pytest.fixture
def batch() -> Batch:
    """20 MINT in 2 cases of 10, and 2 spares."""
    return make_generated_batch(units=20, per_case=10)


def submit(batch, content=b"CASE:1,1", **options):
    return submit_plan_file(
        actor=options.pop("actor", None) or manager_of(batch),
        batch_id=options.pop("batch_id", batch.pk),
        file=ContentFile(content),
        **options,
    )


class TestSubmit:
    def test_waits_to_be_checked(self, batch):
        manager = manager_of(batch)

        plan = submit(batch, actor=manager, file_name="C:\\plan\u202e\n one.csv")

        assert (plan.status, plan.phase, plan.source) == ("queued", "check", "file")
        assert (plan.batch, plan.order, plan.organization) == (
            batch, batch.order, batch.organization,
        )  # fmt: skip
        assert plan.created_by == manager
        assert plan.file_name == "C:\\plan one.csv"
        assert plan.sha256 == sha256(b"CASE:1,1").hexdigest()
        assert plan.file.read() == b"CASE:1,1"
        assert not plan.can_apply

    def test_keeps_a_pasted_text(self, batch):
        plan = submit_plan_text(
            actor=manager_of(batch), batch_id=batch.pk, text="CASE:1,\u00e9\ud800"
        )

        assert plan.source == "paste"
        assert plan.file.read() == "CASE:1,\u00e9?".encode()
        assert plan.sha256 == sha256("CASE:1,\u00e9?".encode()).hexdigest()

    def test_leaves_no_file_behind_when_it_fails(self, batch, monkeypatch):
        kept = []

        def fail(plan):
            kept.append(plan.file.name)
            assert default_storage.exists(plan.file.name)
            raise OperationalError

        monkeypatch.setattr(packing_plans, "submit_job", fail)

        with pytest.raises(OperationalError):
            submit(batch)

        assert [default_storage.exists(name) for name in kept] == [False]

    def test_keeps_files_where_workers_find_them(self, batch, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
        settings.STORAGES = settings.STORAGES | {"default": storage}

        plan = run(submit(batch, b"CASE:1,1", file_name="../../etc/passwd"))

        assert outcomes(plan) == [READY]
        kept = tmp_path / plan.file.name
        assert kept.read_bytes() == b"CASE:1,1"
        assert kept.parent == tmp_path / "qr-packing-plans"
        assert kept.stat().st_mode & 0o777 == 0o640

    def test_reads_workbooks(self, batch):
        rows = [("CASE:1", 1, "2-3"), ("CASE:2", 11), (2, 12)]
        content = b"".join(stream_xlsx([Sheet("Plan", ("Case", "Unit"), rows)]))

        plan = run(submit(batch, content, file_name="plan.xlsx"))

        assert outcomes(plan) == [READY] * 5
        assert plan.result_summary["header"] == "Case"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_reads_texts_of_other_programs(self, batch, encoding):
        text = "F\u00e4lle;Einheit\r\nCASE:1;1\r\nCASE:1;2\r\n"

        plan = run(submit(batch, text.encode(encoding)))

        assert outcomes(plan) == [READY] * 2

    @pytest.mark.parametrize("content", [PNG, b"%PDF-1.7", b"a\x00b", b"<html>"])
    def test_refuses_what_is_no_table(self, batch, content):
        with pytest.raises(TableUnreadable):
            submit(batch, content)

        assert not PackingPlan.objects.exists()

    def test_finds_out_later_that_an_archive_is_no_workbook(self, batch):
        plan = run(submit(batch, b"PK\x03\x04nonsense"))

        assert (plan.status, plan.error_code) == ("failed", "table_unreadable")

    @pytest.mark.parametrize("content", [b"", b"\n\n", b" ,;\t\n", b"\xef\xbb\xbf"])
    def test_refuses_an_empty_plan(self, batch, content):
        with pytest.raises(plan_errors.PlanEmpty):
            submit(batch, content)

    def test_refuses_a_large_file(self, batch, monkeypatch):
        monkeypatch.setattr(packing_plans, "MAX_BYTES", 10)

        with pytest.raises(plan_errors.PlanTooLarge):
            submit(batch, b"CASE:1,1,2,3")

    def test_refuses_people_without_an_organization_and_foreign_batches(self, batch):
        stranger = make_member(Role.OWNER, organization=OrganizationFactory())
        assert stranger.organization

        with pytest.raises(OrganizationRequired):
            submit(batch, actor=UserFactory())
        with pytest.raises(errors.BatchNotFound):
            submit(batch, actor=stranger)

    def test_refuses_closed_orders(self, batch):
        Batch.objects.update(status="completed")
        with pytest.raises(errors.BatchNotReady):
            submit(batch)

        Batch.objects.update(status="generated")
        MasterCode.objects.filter(pk=case_of(batch, 2).pk).update(status="received_warehouse")
        with pytest.raises(errors.OrderLocked):
            submit(batch)


class TestApply:
    def test_sends_the_checked_plan_to_work_again(self, batch):
        manager = manager_of(batch)
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        assert plan.can_apply

        plan = apply_packing_plan(plan=plan, actor=manager)

        assert (plan.status, plan.phase, plan.progress) == ("queued", "apply", 0)
        assert plan.applied_by == manager
        assert (plan.completed_at, plan.cursor) == (None, {})
        assert not plan.can_apply

    def test_happens_once(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        manager = manager_of(batch)
        plan = apply_packing_plan(plan=plan, actor=manager)

        with pytest.raises(plan_errors.PlanAlreadyApplied):
            apply_packing_plan(plan=plan, actor=manager)
        run(plan)
        with pytest.raises(plan_errors.PlanAlreadyApplied):
            apply_packing_plan(plan=plan, actor=manager)

        assert case_of(batch, 1).actual_unit_count == 10

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            ("queued", plan_errors.PlanNotChecked),
            ("running", plan_errors.PlanNotChecked),
            ("failed", plan_errors.PlanCheckFailed),
            ("cancelled", plan_errors.PlanCancelled),
            ("completed", plan_errors.PlanNothingReady),
        ],
    )
    def test_refuses_a_plan_that_is_not_checked_or_has_nothing_to_pack(self, batch, status, error):
        plan = PackingPlanFactory(batch=batch, status=status)

        with pytest.raises(error) as refusal:
            apply_packing_plan(plan=plan, actor=manager_of(batch))

        assert type(refusal.value) is error
        assert refusal.value.kind == "conflict"
        plan.refresh_from_db()
        assert (plan.phase, plan.status) == ("check", status)

    def test_refuses_closed_orders_and_leaves_the_plan_as_it_was(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        MasterCode.objects.filter(pk=case_of(batch, 2).pk).update(status="received_warehouse")

        with pytest.raises(errors.OrderLocked):
            apply_packing_plan(plan=plan, actor=manager_of(batch))

        plan.refresh_from_db()
        assert plan.can_apply
        assert plan.applied_by is None

    def test_refuses_a_cancelled_application(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        manager = manager_of(batch)
        plan = cancel_job(apply_packing_plan(plan=plan, actor=manager), actor=manager)

        with pytest.raises(plan_errors.PlanAlreadyApplied):
            apply_packing_plan(plan=plan, actor=manager)

        assert isinstance(plan, Job)
        assert plan.status == "cancelled"
