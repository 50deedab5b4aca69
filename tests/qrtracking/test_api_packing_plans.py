"""`/api/v1/qr/packing-plans`: dry run, then apply."""

import io
import json

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, PackingPlan, ScanEvent
from qrtracking.services import packing_plans
from tests.accounts.factories import UserFactory, bearer, make_member
from tests.qrtracking.api import NO_IDS, NOBODY, NOT_FOUND, ROLE_REFUSED, client_of, listed, post
from tests.qrtracking.factories import (
    PackingPlanFactory,
    PackingPlanRowFactory,
    make_generated_batch,
)
from tests.qrtracking.plans import check, lines
from tests.qrtracking.queue import case_of, pack

pytestmark = pytest.mark.django_db

PLANS = "/api/v1/qr/packing-plans"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\x00" * 100


@pytest.fixture
def batch() -> Batch:
    """20 MINT in 2 cases of 10, and 2 spares."""
    return make_generated_batch(units=20, per_case=10)


@pytest.fixture
def manager(batch) -> Client:
    return client_of(batch, Role.MANAGER)


def send_text(client, batch, text="CASE:1,1-10", **more):
    headers = more.pop("headers", {})
    body = {"batch_id": str(batch.pk), "text": text} | more
    return post(client, PLANS, body, headers=headers)


def send_file(client, batch, content, name="plan.csv", **more):
    file = SimpleUploadedFile(name, content)
    return client.post(PLANS, {"batch_id": str(batch.pk), "file": file} | more)


def grant(user, codename):
    user.user_permissions.add(Permission.objects.get(codename=codename))


def told(answer):
    body = answer.json()
    return answer.status_code, body["code"]


class TestCreate:
    def test_answers_at_once_with_the_plan(self, manager, batch):
        answer = send_text(manager, batch)

        assert answer.status_code == 202
        body = answer.json()
        assert answer.headers["Location"] == f"{PLANS}/{body['id']}"
        assert body["status"] == "queued"
        assert (body["phase"], body["source"], body["can_apply"]) == ("check", "paste", False)
        assert (body["batch_id"], body["order_id"]) == (str(batch.pk), str(batch.order_id))
        assert body["refused_rows"] == []
        assert body["already_applied_plan_id"] is None

    @pytest.mark.parametrize("flag", ["true", "on", "1"])
    def test_takes_a_file(self, manager, batch, flag):
        answer = send_file(manager, batch, b"CASE:1,11", skip_case_validation=flag)

        assert answer.status_code == 202
        body = answer.json()
        assert (body["source"], body["file_name"]) == ("file", "plan.csv")
        run_due_jobs()
        assert manager.get(answer.headers["Location"]).json()["ready_count"] == 1

    def test_makes_one_plan_of_a_request_that_is_sent_twice(self, manager, batch):
        headers = {"Idempotency-Key": "k1"}
        first = send_text(manager, batch, headers=headers)

        second = send_text(manager, batch, headers=headers)
        other = send_text(manager, batch, "CASE:2,11", headers=headers)

        assert second.json() == first.json()
        assert second.headers["Idempotent-Replayed"] == "true"
        assert other.status_code == 422
        assert PackingPlan.objects.count() == 1

    def test_knows_a_file_that_is_sent_twice(self, manager, batch):
        answers = []
        for content in (b"CASE:1,1", b"CASE:1,1", b"CASE:1,2"):
            data = {"batch_id": str(batch.pk), "file": SimpleUploadedFile("p.csv", content)}
            answers.append(manager.post(PLANS, data, headers={"Idempotency-Key": "k"}))

        assert [answer.status_code for answer in answers] == [202, 202, 422]
        assert PackingPlan.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "missing_fields"),
            ({"text": "CASE:1,1"}, "missing_fields"),
            ({"batch_id": "B"}, "plan_file_or_text"),
            ({"batch_id": "B", "text": ""}, "plan_empty"),
            ({"batch_id": "B", "text": " \n,;"}, "plan_empty"),
            ({"batch_id": "B", "text": ["x"]}, "invalid_field"),
            ({"batch_id": "B", "text": 7}, "invalid_field"),
            ({"batch_id": "B", "text": "7,1", "skip_case_validation": "maybe"}, "invalid_field"),
            ({"batch_id": "B", "text": "7,1", "skip_case_validation": [1]}, "invalid_field"),
            ({"batch_id": "B", "text": "a\x00b"}, "invalid_characters"),
        ],
    )
    def test_refuses_garbage(self, manager, batch, body, code):
        answer = post(manager, PLANS, json.loads(json.dumps(body).replace('"B"', f'"{batch.pk}"')))

        assert told(answer) == (400, code)
        assert not PackingPlan.objects.exists()

    @pytest.mark.parametrize("wrong", NO_IDS)
    def test_knows_no_such_batch(self, manager, wrong):
        answer = post(manager, PLANS, {"batch_id": wrong, "text": "CASE:1,1"})

        assert told(answer) == (404, "batch_not_found")

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", (400, "plan_empty")),
            (b"\n\n", (400, "plan_empty")),
            (PNG, (400, "table_unreadable")),
            (b"%PDF-1.7\n", (400, "table_unreadable")),
            (b"CASE:1,\x00", (400, "table_unreadable")),
        ],
    )
    @pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx", "x.png"])
    def test_refuses_files_that_are_no_tables(self, manager, batch, content, expected, name):
        assert told(send_file(manager, batch, content, name)) == expected

        assert not PackingPlan.objects.exists()

    def test_refuses_a_large_file(self, manager, batch, monkeypatch):
        monkeypatch.setattr(packing_plans, "MAX_BYTES", 1000)

        assert told(send_file(manager, batch, b"CASE:1,1\n" * 1000)) == (413, "plan_too_large")

    def test_refuses_a_file_and_a_text_at_once(self, manager, batch):
        answer = send_file(manager, batch, b"CASE:1,1", text="CASE:1,1")

        assert told(answer) == (400, "plan_file_or_text")

    def test_refuses_closed_orders(self, manager, batch):
        MasterCode.objects.filter(pk=case_of(batch, 1).pk).update(status="received_warehouse")
        assert told(send_text(manager, batch)) == (409, "order_locked")

        Batch.objects.update(status="completed")
        assert told(send_text(manager, batch)) == (409, "batch_state")

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, batch, role):
        answer = send_text(client_of(batch, role), batch)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_is_for_people_with_a_token(self, batch):
        assert send_text(Client(), batch).status_code == 401

    def test_knows_no_foreign_batch(self, batch):
        stranger = Client(headers=bearer(make_member(Role.OWNER)))

        assert told(send_text(stranger, batch)) == (404, "batch_not_found")


class TestRead:
    def test_tells_what_the_check_found(self, batch, manager):
        pack(batch, 2, [12])
        plan = check(batch, f"Case,Unit\n{lines(batch, {1: ['1-9', 'zzz'], 2: [11, 12]})}")

        body = manager.get(f"{PLANS}/{plan.pk}").json()

        assert (body["status"], body["phase"], body["can_apply"]) == ("completed", "check", True)
        counts = ("row_count", "ready_count", "refused_count", "packed_count", "case_count")
        assert [body[name] for name in counts] == [2, 10, 2, 0, 2]
        assert body["result_summary"]["reasons"] == {"already_linked": 1, "not_found": 1}
        assert body["refused_rows"] == [
            {
                "row": 2,
                "master": case_of(batch, 1).master_code,
                "unit": "zzz",
                "case_number": 1,
                "reason": "not_found",
                "detail": "",
                "text": "Unknown code",
            },
            {
                "row": 3,
                "master": case_of(batch, 2).master_code,
                "unit": "12",
                "case_number": 2,
                "reason": "already_linked",
                "detail": "2",
                "text": "Already packed in Case #2",
            },
        ]

    def test_lists_the_first_hundred_refused_rows(self, batch, manager):
        plan = PackingPlanFactory(batch=batch)
        PackingPlanRowFactory.create_batch(101, plan=plan)

        assert len(manager.get(f"{PLANS}/{plan.pk}").json()["refused_rows"]) == 100

    def test_says_that_the_same_plan_was_applied_before(self, batch, manager):
        twin = PackingPlanFactory(batch=batch, applied=True)
        elsewhere = PackingPlanFactory(applied=True)
        plan = PackingPlanFactory(batch=batch)

        body = manager.get(f"{PLANS}/{plan.pk}").json()

        assert elsewhere.sha256 == plan.sha256
        assert body["already_applied_plan_id"] == str(twin.pk)

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.MANAGER])
    def test_lists_the_plans_of_the_organization(self, batch, role):
        plans = [PackingPlanFactory(batch=batch) for _ in range(3)]
        PackingPlanFactory()

        answer = client_of(batch, role).get(PLANS)

        assert listed(answer) == [str(plan.pk) for plan in reversed(plans)]

    def test_filters_the_list(self, batch, manager):
        applied = PackingPlanFactory(batch=batch, applied=True)
        waiting = PackingPlanFactory(batch=batch)

        def found(query):
            return listed(manager.get(f"{PLANS}?{query}"))

        assert found("status=completed") == found("phase=apply") == [str(applied.pk)]
        assert found(f"batch={batch.pk}") == [str(waiting.pk), str(applied.pk)]
        assert found(f"batch={NOBODY}") == []
        assert manager.get(f"{PLANS}?nonsense=1").status_code == 400

    def test_knows_no_foreign_plan(self, batch):
        plan = PackingPlanFactory(batch=batch)
        stranger = Client(headers=bearer(make_member(Role.OWNER)))

        for path in ("", "/result.xlsx"):
            answer = stranger.get(f"{PLANS}/{plan.pk}{path}")
            assert answer.status_code == 404
        for verb in ("apply", "cancel", "retry"):
            answer = post(stranger, f"{PLANS}/{plan.pk}/{verb}")
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestResult:
    def test_has_a_line_for_each_unit(self, batch, manager):
        plan = check(batch, f"{lines(batch, {1: ['1-2', '=1+1']})}\nnonsense,4")

        answer = manager.get(f"{PLANS}/{plan.pk}/result.xlsx")

        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        rows = book.get_sheet_by_index(0).to_python()
        master = case_of(batch, 1).master_code
        codes = {unit.sequence_number: unit.code for unit in batch.units.all()}
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="Packing_')
        assert rows == [
            ["Row", "Master", "Case", "Unit", "Code", "Outcome", "Reason"],
            [1, master, 1, "1 of 1-2", codes[1], "ready", ""],
            [1, master, 1, "2 of 1-2", codes[2], "ready", ""],
            [1, master, 1, "=1+1", "", "refused", "Unknown code"],
            [2, "nonsense", "", "4", codes[4], "refused", "No case of this batch has this label"],
        ]

    def test_is_there_before_the_check_has_ended(self, batch, manager):
        plan = PackingPlanFactory(batch=batch)

        assert manager.get(f"{PLANS}/{plan.pk}/result.xlsx").status_code == 200

    def test_of_an_unknown_plan_is_not_there(self, manager):
        assert told(manager.get(f"{PLANS}/{NOBODY}/result.xlsx")) == (404, "plan_not_found")


class TestApply:
    def test_packs_in_the_background(self, batch, manager):
        plan = check(batch, lines(batch, {1: ["1-10"]}))

        answer = post(manager, f"{PLANS}/{plan.pk}/apply")

        assert answer.status_code == 202
        assert (answer.json()["phase"], answer.json()["status"]) == ("apply", "queued")
        assert case_of(batch, 1).actual_unit_count == 0
        run_due_jobs()
        body = manager.get(f"{PLANS}/{plan.pk}").json()
        assert (body["status"], body["packed_count"], body["ready_count"]) == ("completed", 10, 0)
        assert body["applied_at"]
        assert case_of(batch, 1).actual_unit_count == 10

    def test_answers_the_same_to_the_same_key(self, batch, manager):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        headers = {"Idempotency-Key": "apply-1"}

        answers = [
            manager.post(f"{PLANS}/{plan.pk}/apply", "{}", "application/json", headers=headers)
            for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[1].headers["Idempotent-Replayed"] == "true"

    def test_happens_once(self, batch, manager):
        plan = PackingPlanFactory(batch=batch, applied=True)

        assert told(post(manager, f"{PLANS}/{plan.pk}/apply")) == (409, "plan_already_applied")

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("queued", "plan_not_checked"),
            ("running", "plan_not_checked"),
            ("failed", "plan_check_failed"),
            ("cancelled", "plan_cancelled"),
            ("completed", "plan_nothing_ready"),
        ],
    )
    def test_needs_a_checked_plan(self, batch, manager, status, code):
        plan = PackingPlanFactory(batch=batch, status=status)

        assert told(post(manager, f"{PLANS}/{plan.pk}/apply")) == (409, code)

    def test_refuses_closed_orders(self, batch, manager):
        plan = PackingPlanFactory(batch=batch, checked=True)
        MasterCode.objects.filter(pk=case_of(batch, 1).pk).update(status="opened")

        assert told(post(manager, f"{PLANS}/{plan.pk}/apply")) == (409, "order_locked")

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    @pytest.mark.parametrize("verb", ["apply", "cancel", "retry"])
    def test_is_for_managers(self, batch, role, verb):
        plan = PackingPlanFactory(batch=batch, checked=True)

        answer = post(client_of(batch, role), f"{PLANS}/{plan.pk}/{verb}")

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)
        plan.refresh_from_db()
        assert plan.phase == "check"

    def test_may_be_done_by_staff_with_the_permission(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        staff = UserFactory(staff=True)
        client = Client()
        client.force_login(staff)
        grant(staff, "view_packingplan")
        refused = post(client, f"{PLANS}/{plan.pk}/apply")
        grant(staff, "apply_packingplan")

        allowed = post(client, f"{PLANS}/{plan.pk}/apply")

        assert (refused.status_code, allowed.status_code) == (403, 202)
        run_due_jobs()
        event = ScanEvent.objects.get(batch=batch)
        assert (event.kind, event.actor) == ("plan_import", staff)


class TestVerbs:
    def test_cancel_ends_a_waiting_plan(self, batch, manager):
        plan = PackingPlanFactory(batch=batch)

        answer = post(manager, f"{PLANS}/{plan.pk}/cancel")

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert told(post(manager, f"{PLANS}/{plan.pk}/cancel")) == (409, "job_finished")

    def test_retry_sends_a_failed_plan_to_work_again(self, batch, manager):
        plan = PackingPlanFactory(batch=batch, status="failed", error_code="table_unreadable")

        answer = post(manager, f"{PLANS}/{plan.pk}/retry", {"reason": "again"})

        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
        assert told(post(manager, f"{PLANS}/{plan.pk}/retry", {})) == (409, "job_not_failed")

    def test_are_those_of_the_common_jobs_too(self, batch, manager):
        plan = PackingPlanFactory(batch=batch)

        body = manager.get(f"/api/v1/jobs/{plan.pk}").json()

        assert body["type"] == "qrtracking.packingplan"
        assert body["organization"] == str(batch.organization_id)
