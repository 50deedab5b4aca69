"""`/scan/b/<batch>/plan/`, as a browser without JavaScript uses it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, PackingPlan, PackingPlanRow
from qrtracking.services import packing_plans
from tests.qrtracking.factories import (
    PackingPlanFactory,
    PackingPlanRowFactory,
    make_generated_batch,
)
from tests.qrtracking.pages import HTMX, field_value, log_in, words
from tests.qrtracking.plans import check, label, lines
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """20 MINT in 2 cases of 10, and 2 spares."""
    return make_generated_batch(units=20, per_case=10)


@pytest.fixture
def manager(batch) -> Client:
    return log_in(Role.MANAGER, batch.organization)


def address(batch, plan=None, **query):
    base = reverse("scan:plan", args=[batch.pk])
    asked = ({"plan": plan.pk} if plan else {}) | query
    return base + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()))


def verb(plan, name):
    return reverse(f"scan:plan-{name}", args=[plan.batch_id, plan.pk])


def submit(client, batch, text="", *, key=None, **fields):
    target = reverse("scan:plan-submit", args=[batch.pk])
    key = key or field_value(client.get(address(batch)), "key", form=target)
    return client.post(target, {"text": text, "key": key} | fields, follow=True)


class TestPage:
    def test_asks_for_a_plan_at_first(self, manager, batch):
        page = manager.get(address(batch))

        assert page.status_code == 200
        assert "Import a packing plan" in words(page)
        assert "Nothing is packed by this." in words(page)
        assert "Apply" not in words(page)

    def test_shows_what_the_check_found(self, manager, batch):
        submit(manager, batch, f"Case;Unit\n{lines(batch, {1: ['1-10', 'zzz'], 2: [11, 1]})}")
        run_due_jobs()

        page = manager.get(address(batch))

        text = words(page)
        assert "Units ready 10 Into cases 2 Refused 3" in text
        assert "The first row names no case and was taken for a header: Case" in text
        assert "2 Named in several rows" in text
        assert "Row 2 · Case #1 Named in row 3 as well: both are refused" in text
        assert "Unknown code zzz" in text
        assert "Apply 2 cases" in text
        assert "Then 10 units are packed; refused units stay where they are." in text
        assert case_of(batch, 1).actual_unit_count == 0

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ("refused", "Row 1 · Case #1 Unknown code zzz"),
            ("rows", "Row 1 Case #1 10 ready 1 refused Row 2 Case #2 1 ready"),
            ("cases", "Case #1 0 → 10 of 10 10 ready 1 refused Case #2 0 → 1 of 10 1 ready"),
            ("nonsense", "Row 1 · Case #1 Unknown code zzz"),
        ],
    )
    def test_has_parts(self, manager, batch, part, expected):
        plan = check(batch, lines(batch, {1: ["1-10", "zzz"], 2: [11]}))

        assert expected in words(manager.get(address(batch, plan, show=part)))

    def test_shows_markup_as_text(self, manager, batch):
        check(batch, f"{label(batch, 1)},1,<script>alert(1)</script>\n<b>x</b>,2")

        page = manager.get(address(batch))

        assert "<script>alert" not in page.text
        assert "&lt;b&gt;x" in page.text or "&lt;b&gt;" in page.text

    def test_leads_through_many_refused_units(self, manager, batch):
        plan = PackingPlanFactory(batch=batch, checked=True, row_count=120, refused_count=120)
        for number in range(1, 121):
            PackingPlanRowFactory(plan=plan, row_no=number)

        seen, query = [], {"show": "refused"}
        while True:
            page = manager.get(address(batch, plan, **query))
            result = page.context["result"]
            seen += [line.row_no for line in result.lines]
            if not result.following:
                break
            assert f"after={result.following}" in page.text
            query["after"] = result.following

        assert seen == list(range(1, 121))

    @pytest.mark.parametrize("part", ["rows", "cases"])
    def test_leads_through_many_rows_and_cases(self, part):
        batch = make_generated_batch(units=120, per_case=1)
        manager = log_in(Role.MANAGER, batch.organization)
        plan = check(batch, lines(batch, {case: [case] for case in range(1, 121)}))

        seen, after = 0, ""
        while True:
            result = manager.get(address(batch, plan, show=part, after=after)).context["result"]
            seen += len(result.lines)
            after = result.following
            if not after:
                break

        assert seen == 120

    @pytest.mark.parametrize("after", ["x", "-", "1-x", "9" * 50, "\u0661", "None", "%00"])
    def test_takes_nonsense_for_the_first_page(self, manager, batch, after):
        plan = check(batch, lines(batch, {1: [1, "zzz"]}))

        for part in ("refused", "rows", "cases"):
            answer = manager.get(address(batch, plan, show=part, after=after))
            assert answer.status_code in (200, 400)

    def test_takes_as_many_statements_for_many_rows_as_for_few(self, manager, batch):
        plan = check(batch, lines(batch, {1: [1, "zzz"], 2: [11]}))
        many = PackingPlanFactory(batch=batch, checked=True, row_count=3000, refused_count=3000)
        PackingPlanRow.objects.bulk_create(
            PackingPlanRowFactory.build(
                plan=many, organization=batch.organization, row_no=number, position=1,
                master_code=case_of(batch, 1),
            )
            for number in range(1, 3001)
        )  # fmt: skip
        manager.get(address(batch, plan))

        for part in ("refused", "rows", "cases"):
            counts = []
            for one in (plan, many):
                with CaptureQueriesContext(connection) as queries:
                    manager.get(address(batch, one, show=part))
                counts.append(len(queries))

            assert counts[0] == counts[1] <= 20

    def test_lists_the_other_plans(self, manager, batch):
        old = check(batch, lines(batch, {1: [1]}))
        new = check(batch, lines(batch, {2: [11]}))

        page = manager.get(address(batch))

        assert page.context["plan"] == new
        assert page.context["plans"] == [old]
        assert "checked, not packed: 1 ready, 0 refused" in words(page)
        assert manager.get(address(batch, old)).context["plan"] == old

    def test_knows_no_plan_of_another_batch(self, manager, batch):
        other = make_generated_batch(
            units=10, per_case=10, organization=batch.organization, order_no="ORD-OTHER"
        )
        plan = PackingPlanFactory(batch=other)

        assert manager.get(address(batch, plan)).status_code == 404
        for name in ("again", "apply", "cancel", "retry"):
            target = reverse(f"scan:plan-{name}", args=[batch.pk, plan.pk])
            assert manager.post(target).status_code == 404

    def test_warns_of_a_plan_that_was_applied_before(self, manager, batch):
        text = lines(batch, {1: [1]})
        first = check(batch, text)
        PackingPlan.objects.filter(pk=first.pk).update(packed_count=1, phase="apply")
        check(batch, text)

        page = manager.get(address(batch))

        assert "A plan with the same content has packed 1 units already" in words(page)

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_lets_others_only_look(self, batch, role):
        check(batch, lines(batch, {1: [1]}))

        text = words(log_in(role, batch.organization).get(address(batch)))

        assert "A manager can apply this plan. Nothing is packed yet." in text
        assert "Apply 1 case" not in text
        assert "Managers import packing plans." in text

    def test_offers_nothing_when_the_order_is_locked(self, manager, batch):
        check(batch, lines(batch, {1: [1]}))
        MasterCode.objects.filter(pk=case_of(batch, 2).pk).update(status="opened")

        text = words(manager.get(address(batch)))

        assert "Locked." in text
        assert "Apply" not in text
        assert "Check the plan" not in text


class TestSubmit:
    def test_takes_a_file(self, manager, batch):
        page = submit(manager, batch, file=SimpleUploadedFile("plan.csv", b"CASE:1,1"))

        plan = PackingPlan.objects.get()
        assert (plan.source, plan.file_name) == ("file", "plan.csv")
        assert page.redirect_chain[-1][0] == address(batch, plan)
        assert "Waits to be checked" in words(page)

    def test_takes_a_form_that_is_sent_twice_once(self, manager, batch):
        key = "0194d0c2-0000-7000-8000-000000000001"

        pages = [submit(manager, batch, "CASE:1,1", key=key) for _ in range(2)]
        submit(manager, batch, "CASE:1,2", key=key)

        assert pages[0].redirect_chain == pages[1].redirect_chain
        assert PackingPlan.objects.count() == 2

    def test_keeps_the_tick(self, manager, batch):
        submit(manager, batch, "CASE:1,11", skip_case_validation="on")
        run_due_jobs()

        assert PackingPlan.objects.get().ready_count == 1
        assert "units planned for other cases allowed" in words(manager.get(address(batch)))

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({}, "Choose a file or paste rows."),
            ({"text": "  \n"}, "Choose a file or paste rows."),
            ({"text": ",;"}, "The packing plan is empty."),
            ({"text": "a\x00"}, "This text holds characters no label has."),
            ({"text": "x", "key": "nonsense"}, "Enter a valid UUID."),
        ],
    )
    def test_says_what_is_wrong(self, manager, batch, fields, message):
        page = submit(manager, batch, **fields)

        assert page.status_code == 400
        assert message in words(page)
        assert not PackingPlan.objects.exists()

    def test_refuses_files_that_are_no_tables(self, manager, batch):
        for content in (b"\x89PNG\r\n\x1a\n\x00", b""):
            page = submit(manager, batch, file=SimpleUploadedFile("plan.csv", content))
            assert page.status_code == 400
        both = submit(manager, batch, "CASE:1,1", file=SimpleUploadedFile("plan.csv", b"x"))

        assert "Send either a file or pasted rows, not both." in words(both)
        assert not PackingPlan.objects.exists()

    def test_refuses_a_large_file(self, manager, batch, monkeypatch):
        monkeypatch.setattr(packing_plans, "MAX_BYTES", 5)

        page = submit(manager, batch, "CASE:1,1")

        assert page.status_code == 413
        assert "The packing plan is over 16 MiB." in words(page)

    def test_refuses_closed_orders(self, manager, batch):
        key = "0194d0c2-0000-7000-8000-000000000001"
        Batch.objects.update(status="completed")

        assert submit(manager, batch, "CASE:1,1", key=key).status_code == 409


class TestVerbs:
    def test_apply_packs(self, manager, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))

        page = manager.post(verb(plan, "apply"), follow=True)

        assert "Packing has begun." in words(page)
        assert "Packing: 0 of 10 units" in words(page)
        run_due_jobs()
        text = words(manager.get(address(batch, plan)))
        assert "Units packed 10 Cases 1 Refused 0" in text
        assert "10 of 20 units · 1 of 2 cases" in text
        assert "Apply" not in text

    def test_apply_pressed_twice_is_a_calm_message(self, manager, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        manager.post(verb(plan, "apply"))

        page = manager.post(verb(plan, "apply"), follow=True)

        assert "This packing plan has been applied already." in words(page)

    def test_cancel_stops_a_plan(self, manager, batch):
        plan = PackingPlanFactory(batch=batch)

        page = manager.post(verb(plan, "cancel"), follow=True)

        assert "Stopped. What is packed stays packed." in words(page)
        plan.refresh_from_db()
        assert plan.status == "cancelled"

    def test_retry_sends_a_failed_plan_to_work_again(self, manager, batch):
        plan = PackingPlanFactory(
            batch=batch, status="failed", error_message="The file is not a table."
        )
        before = manager.get(address(batch))

        manager.post(verb(plan, "retry"))

        assert "The file is not a table." in words(before)
        assert "Try again" in words(before)
        plan.refresh_from_db()
        assert plan.status == "queued"

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    @pytest.mark.parametrize("name", ["apply", "cancel", "retry"])
    def test_are_for_managers(self, batch, role, name):
        plan = PackingPlanFactory(batch=batch, checked=True)

        answer = log_in(role, batch.organization).post(verb(plan, name))

        assert answer.status_code == 403
        plan.refresh_from_db()
        assert (plan.phase, plan.status) == ("check", "completed")


class TestCheckAgain:
    def test_lets_units_in_that_are_planned_for_other_cases(self, manager, batch):
        plan = check(batch, lines(batch, {1: [1, 11]}))
        page = manager.get(address(batch, plan))
        assert "Check again, allow units planned for other cases" in words(page)

        answer = manager.post(verb(plan, "again"))

        again = PackingPlan.objects.exclude(pk=plan.pk).get()
        assert answer["Location"] == address(batch, again)
        run_due_jobs()
        again.refresh_from_db()
        assert (again.ready_count, again.sha256) == (2, plan.sha256)
        assert "Check again" not in words(manager.get(address(batch, again)))

    def test_says_that_the_file_is_gone(self, manager, batch):
        plan = PackingPlanFactory(batch=batch, checked=True)

        page = manager.post(verb(plan, "again"), follow=True)

        assert "The file of this packing plan is gone. Upload it again." in words(page)
        assert PackingPlan.objects.count() == 1

    def test_is_for_managers(self, batch):
        plan = PackingPlanFactory(batch=batch, checked=True)

        assert (
            log_in(Role.OPERATOR, batch.organization).post(verb(plan, "again")).status_code == 403
        )


class TestEnds:
    @pytest.mark.parametrize(
        ("status", "phase", "message"),
        [
            ("cancelled", "check", "Cancelled before the check had ended. Nothing was packed."),
            ("cancelled", "apply", "Stopped. What was packed before stays packed."),
            ("failed", "check", "Broken."),
            ("failed", "apply", "Broken. What was packed before stays packed."),
        ],
    )
    def test_are_told_apart(self, manager, batch, status, phase, message):
        PackingPlanFactory(
            batch=batch, status=status, phase=phase, error_message="Broken.", row_count=5
        )

        text = words(manager.get(address(batch)))

        assert message in text
        assert ("Download as Excel" in text) == (phase == "apply")


class TestLivePart:
    def test_is_polled_until_the_plan_has_ended(self, manager, batch):
        plan = PackingPlanFactory(batch=batch)
        running = manager.get(verb(plan, "live"), headers=HTMX)
        PackingPlan.objects.update(status="completed", ready_count=1)

        ended = manager.get(verb(plan, "live"), headers=HTMX)

        assert "hx-get" in running.text
        assert "hx-get" not in ended.text
        assert 'id="counts" hx-swap-oob="true"' in ended.text

    def test_leads_to_the_page_when_it_is_opened_as_one(self, manager, batch):
        plan = PackingPlanFactory(batch=batch)

        assert manager.get(verb(plan, "live"))["Location"] == address(batch, plan)
