"""The admin of packing plans."""

import pytest
from django.test import Client
from django.urls import reverse

from jobs.runner import run_due_jobs
from qrtracking.models import Batch, PackingPlan, ScanEvent
from tests.accounts.factories import OrganizationFactory, grant, make_member
from tests.qrtracking.factories import (
    PackingPlanFactory,
    PackingPlanRowFactory,
    make_generated_batch,
)
from tests.qrtracking.pages import words
from tests.qrtracking.plans import check, lines
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db

PLANS = reverse("admin:qrtracking_packingplan_changelist")


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10, order_no="ORD-HM-1125-77")


def staff_client(*codenames: str, organization=None) -> Client:
    """Staff who act for the operator, or for this organization."""
    organization = organization or OrganizationFactory(operator=True)
    client = Client()
    member = make_member("viewer", organization=organization, is_staff=True)
    client.force_login(grant(member, *codenames))
    return client


def page_of(plan, name: str = "change") -> str:
    return reverse(f"admin:qrtracking_packingplan_{name}", args=[plan.pk])


def send_action(client, plans, **more):
    data = {"action": "apply_selected", "_selected_action": [str(plan.pk) for plan in plans]}
    return client.post(PLANS, data | more, follow=True)


class TestList:
    def test_tells_what_a_plan_packs(self, batch):
        PackingPlanFactory(batch=batch, file_name="line-3.csv", ready_count=1234, refused_count=7)

        text = words(staff_client("view_packingplan").get(PLANS))

        assert "ORD-HM-1125-77" in text
        assert "line-3.csv" in text
        assert "1,234 ready, 7 refused" in text

    @pytest.mark.parametrize("query", ["q=ORD-HM-1125-77", "phase__exact=apply", "state=done"])
    def test_is_searched_and_filtered(self, batch, query):
        wanted = PackingPlanFactory(batch=batch, applied=True)
        other = PackingPlanFactory()

        page = staff_client("view_packingplan").get(f"{PLANS}?{query}").text

        assert page_of(wanted) in page
        assert page_of(other) not in page

    def test_has_no_plans_of_other_organizations(self, batch):
        plan = PackingPlanFactory(batch=batch)
        client = staff_client("view_packingplan", organization=OrganizationFactory())

        assert page_of(plan) not in client.get(PLANS).text
        assert client.get(page_of(plan)).status_code == 404


class TestPage:
    def test_shows_counters_and_refused_units(self, batch):
        plan = check(batch, lines(batch, {1: [1, "<b>zzz", 11, 12]}))

        page = staff_client("view_packingplan").get(page_of(plan))

        text = words(page)
        assert "Ready count 1" in text
        assert "Refused count 3" in text
        assert "2 planned for another case · 1 unknown code" in text
        assert "<b>zzz" in text
        assert "<b>zzz" not in page.text
        assert "Unknown code" in text
        result = reverse("qrtracking:packing-plan-result", args=[plan.pk])
        assert f'href="{result}"' in page.text
        assert "/media/" not in page.text

    def test_leads_through_many_refused_units(self, batch):
        plan = PackingPlanFactory(batch=batch, refused_count=120)
        for number in range(1, 121):
            PackingPlanRowFactory(plan=plan, row_no=number, raw=f"z{number}z")
        client = staff_client("view_packingplan")

        first = client.get(page_of(plan)).text
        second = client.get(f"{page_of(plan)}?rows=50-1").text

        assert "z50z" in first
        assert "z51z" not in first
        assert "?rows=50-1" in first
        assert "z51z" in second
        assert "z50z" not in second

    @pytest.mark.parametrize("place", ["x", "1-x", "-", "1-2-3", "9" * 40, "%00"])
    def test_takes_nonsense_for_the_start(self, batch, place):
        plan = PackingPlanFactory(batch=batch)

        answer = staff_client("view_packingplan").get(f"{page_of(plan)}?rows={place}")

        assert answer.status_code in (200, 400)

    def test_says_what_to_do_about_a_failure(self, batch):
        plan = PackingPlanFactory(batch=batch, status="failed", error_code="table_unreadable")

        assert "Ask for it as CSV or XLSX" in words(
            staff_client("view_packingplan").get(page_of(plan))
        )


class TestApply:
    def test_asks_and_packs_in_the_name_of_the_person(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        client = staff_client("view_packingplan", "apply_packingplan")

        asked = client.get(page_of(plan, "apply"))
        assert "Apply: are you sure?" in words(asked)
        assert case_of(batch, 1).actual_unit_count == 0
        done = client.post(page_of(plan, "apply"), follow=True)

        assert "The plan was sent to be packed." in words(done)
        run_due_jobs()
        event = ScanEvent.objects.get(batch=batch)
        assert (event.kind, event.unit_count) == ("plan_import", 10)
        assert str(event.actor_id) == client.session["_auth_user_id"]

    def test_of_a_selection_leaves_out_what_cannot_be_applied(self, batch):
        ready = check(batch, lines(batch, {1: ["1-10"]}))
        applied = PackingPlanFactory(batch=batch, applied=True)
        client = staff_client("view_packingplan", "apply_packingplan")

        assert "are you sure?" in words(send_action(client, [ready, applied]))
        page = send_action(client, [ready, applied], confirmed="yes")

        assert "1 packing plan sent to be packed." in words(page)
        phases = PackingPlan.objects.values_list("pk", "phase", "status")
        assert set(phases) == {
            (ready.pk, "apply", "queued"),
            (applied.pk, "apply", "completed"),
        }

    def test_needs_its_permission(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        client = staff_client("view_packingplan", "change_packingplan", "retry_packingplan")

        assert client.post(page_of(plan, "apply")).status_code == 403
        send_action(client, [plan], confirmed="yes")

        plan.refresh_from_db()
        assert plan.phase == "check"

    def test_is_not_offered_twice(self, batch):
        plan = PackingPlanFactory(batch=batch, applied=True)
        client = staff_client("view_packingplan", "apply_packingplan")

        assert page_of(plan, "apply") not in client.get(page_of(plan)).text
        page = client.post(page_of(plan, "apply"), follow=True)

        assert "This packing plan has been applied already." in words(page)
