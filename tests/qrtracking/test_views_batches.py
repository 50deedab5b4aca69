"""The list of open batches, finding one by any label, and its overview."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import BatchStatus, MasterCode, UnitCode
from qrtracking.services.label_sheets import create_label_sheet
from qrtracking.services.packing_plans import submit_plan_text
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import (
    BatchFactory,
    MasterCodeFactory,
    OrderFactory,
    ReverseJobFactory,
    ScanEventFactory,
    make_generated_batch,
)
from tests.qrtracking.pages import words
from tests.qrtracking.plans import lines, manager_of
from tests.qrtracking.queue import prepare

pytestmark = pytest.mark.django_db

HOME = "/scan/"
UNKNOWN = "This code is not known in your organization."


@pytest.fixture
def batch(organization):
    return make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


def page(batch):
    return reverse("scan:batch", args=[batch.pk])


def find(client, code, **fields):
    return client.post(reverse("scan:find"), {"code": code} | fields, follow=True)


def opened(response):
    """The page that one redirect led to."""
    (address, _), *others = response.redirect_chain
    assert others == []
    return address.partition("?")[0]


class TestHome:
    def test_sends_strangers_to_the_login(self, client):
        response = client.get(HOME)

        assert response.status_code == 302
        assert response["Location"] == "/login?next=/scan/"

    def test_tells_people_without_an_organization(self, client):
        client.force_login(UserFactory())

        response = client.get(HOME)

        assert response.status_code == 403
        assert "You belong to no organization yet" in words(response)

    def test_says_when_there_is_nothing(self, viewer):
        assert "No open orders" in words(viewer.get(HOME))

    def test_shows_the_progress_of_the_cases(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=10)
        MasterCode.objects.filter(batch=batch, case_number=2).update(actual_unit_count=4)

        text = words(viewer.get(HOME))

        assert "ORD-HM-1125-02 14 of 30 units · 1 of 3 cases" in text
        assert "Locked" not in text

    def test_writes_thousands_with_a_comma(self, viewer, organization):
        batch = BatchFactory(
            order=OrderFactory(organization=organization), planned_unique_codes=12_000
        )
        MasterCodeFactory(batch=batch, full=True, planned_unit_count=1_100, actual_unit_count=1_100)

        assert "1,100 of 12,000 units · 1 of 1 cases" in words(viewer.get(HOME))

    def test_marks_a_locked_order(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            actual_unit_count=10, status="received_warehouse"
        )

        assert "Locked by the warehouse" in words(viewer.get(HOME))

    @pytest.mark.parametrize("status", BatchStatus)
    def test_lists_what_is_open(self, viewer, organization, status):
        order = OrderFactory(organization=organization, order_no="ORD-X")
        BatchFactory(order=order, status=status)

        text = words(viewer.get(HOME))

        is_closed = status in {BatchStatus.COMPLETED, BatchStatus.CANCELLED}
        assert ("ORD-X" in text) is not is_closed
        is_waiting = status in {"pending", "queued", "processing", "failed"}
        assert (f"Not ready: {status}" in text) is is_waiting

    def test_shows_the_newest_first_and_leads_to_the_older(self, viewer, organization):
        for number in range(51):
            BatchFactory(order=OrderFactory(organization=organization, order_no=f"ORD-{number}-X"))

        newest = viewer.get(HOME)
        older = viewer.get(HOME + "?before=" + str(newest.context["older"]))

        assert newest.text.index("ORD-50-X") < newest.text.index("ORD-49-X")
        assert "ORD-0-X" not in newest.text
        assert "ORD-0-X" in older.text
        assert "ORD-1-X" not in older.text
        assert older.context["older"] is None

    def test_ignores_a_damaged_address(self, viewer, batch):
        assert "ORD-HM-1125-02" in viewer.get(HOME + "?before=abc").text

    def test_shows_only_the_own_organization(self, elsewhere, batch):
        assert "No open orders" in words(elsewhere.get(HOME))

    def test_shows_one_organization_also_to_superusers(self, client, batch):
        client.force_login(make_member(Role.OWNER, is_staff=True, is_superuser=True))

        assert "No open orders" in words(client.get(HOME))

    def test_reads_as_much_for_many_as_for_one(self, viewer, batch, organization):
        with CaptureQueriesContext(connection) as for_one:
            viewer.get(HOME)
        for _ in range(20):
            MasterCodeFactory(batch__order__organization=organization)

        with CaptureQueriesContext(connection) as for_many:
            viewer.get(HOME)

        assert len(for_many) <= len(for_one) <= 8

    def test_works_under_the_strict_policy(self, viewer, batch):
        response = viewer.get(HOME)

        assert "'unsafe-" not in response["Content-Security-Policy"]
        assert "style=" not in response.text
        assert response.text.count("<script") == response.text.count("<script src=")
        assert "no-store" in response["Cache-Control"]


class TestFind:
    @pytest.fixture
    def unit(self, batch):
        return UnitCode.objects.get(batch=batch, sequence_number=15)

    @pytest.fixture
    def case(self, batch):
        return MasterCode.objects.get(batch=batch, case_number=2)

    @pytest.mark.parametrize(
        "spelled",
        [
            "{}",
            "  {}\r\n",
            "]Q3{}",
            "http://any.host/track/product/{}?utm=1",
            "https://www.x/track/master/{}/",
        ],
    )
    def test_opens_the_batch_of_any_label(self, viewer, batch, unit, case, spelled):
        for code in (unit.code, case.master_code.lower()):
            response = find(viewer, spelled.format(code))

            assert opened(response) == page(batch)

    @pytest.mark.parametrize("cut", [2, 13])
    def test_takes_the_short_forms_of_a_code(self, viewer, batch, unit, case, cut):
        for code in (unit.code, case.master_code):
            response = find(viewer, code[:-cut])

            assert opened(response) == page(batch)

    def test_takes_the_number_of_a_shipping_label(self, viewer, elsewhere, batch, case):
        MasterCode.objects.filter(pk=case.pk).update(sscc="340123456000000018")

        assert opened(find(viewer, "]C100340123456000000018")) == page(batch)
        assert UNKNOWN in words(find(elsewhere, "00340123456000000018"))
        assert UNKNOWN in words(find(viewer, "00340123456000000025"))

    def test_shows_the_case_of_a_unit(self, viewer, batch, unit, case):
        UnitCode.objects.filter(pk=unit.pk).update(status="packed", master_code=case)

        response = find(viewer, unit.code)

        assert "OK #15, MINT: in Case #2" in words(response)
        assert f'href="{reverse("scan:case", args=[case.pk])}"' in response.text

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({}, "OK #15, MINT: in no case yet"),
            ({}, "It is planned for Case #2."),
            (
                {"is_buffer": True, "planned_case_number": None, "status": "buffer_available"},
                "It is a spare.",
            ),
            ({"status": "spoiled"}, "Wrong #15, MINT: spoiled unit, do not pack."),
        ],
    )
    def test_says_what_a_unit_outside_cases_is(self, viewer, unit, fields, says):
        UnitCode.objects.filter(pk=unit.pk).update(**fields)

        assert says in words(find(viewer, unit.code))

    def test_shows_how_full_a_case_is(self, viewer, case):
        MasterCode.objects.filter(pk=case.pk).update(actual_unit_count=4)

        response = find(viewer, f"https://any.host/track/master/{case.master_code}?x=1")

        assert "Case #2: 4 of 10 units" in words(response)
        assert f"Scanned {case.master_code} " in words(response)
        assert "Open Case #2" in words(response)

    @pytest.mark.parametrize(
        "text", ["zzz", "15", "15-20", "PROD", "a, b", "MASTER-ORD-HM-1125-02-CASE-00", "%"]
    )
    def test_says_that_it_does_not_know_a_code(self, viewer, batch, text):
        response = find(viewer, text)

        assert UNKNOWN in words(response)
        assert text in words(response)

    def test_does_not_choose_between_two(self, viewer, batch, unit):
        unit.pk = uuid.uuid4()
        unit.sequence_number, unit.code = 99, unit.code[:-2] + "xx"
        unit.save(force_insert=True)

        assert UNKNOWN in words(find(viewer, unit.code[:-2]))

    def test_knows_nothing_of_other_organizations(self, elsewhere, unit, case):
        for code in (unit.code, case.master_code):
            assert UNKNOWN in words(find(elsewhere, code))

    def test_shows_the_answer_again_after_a_reload_but_not_on_a_new_visit(self, viewer):
        answered = find(viewer, "zzz").redirect_chain[0][0]

        assert UNKNOWN in words(viewer.get(answered))
        assert UNKNOWN not in words(viewer.get(HOME))

    def test_escapes_what_was_scanned(self, viewer):
        response = find(viewer, "<img src=x onerror=alert(1)>")

        assert "<img" not in response.text
        assert "&lt;img" in response.text

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("", "Nothing was scanned."),
            (" ", "Nothing was scanned."),
            ("x" * 501, "This text is too long for a label."),
        ],
    )
    def test_answers_calmly_to_what_is_no_label(self, viewer, text, answer):
        assert answer in words(find(viewer, text))

    def test_leads_to_its_page_when_it_is_opened(self, viewer):
        assert viewer.get(reverse("scan:find"))["Location"] == HOME

    def test_sends_strangers_to_the_login(self, client):
        response = client.post(reverse("scan:find"), {"code": "x"})

        assert response["Location"].startswith("/login")

    def test_asks_for_the_token_of_the_form(self, organization):
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(organization=organization))

        assert client.post(reverse("scan:find"), {"code": "x"}).status_code == 403


class TestBatch:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert client.get(page(batch))["Location"] == f"/login?next={page(batch)}"

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        foreign = elsewhere.get(page(batch))
        unknown = elsewhere.get(reverse("scan:batch", args=[uuid.uuid4()]))

        assert foreign.status_code == unknown.status_code == 404
        assert "There is nothing here" in words(foreign)
        assert words(foreign) == words(unknown)

    def test_says_which_cases_are_packed_partial_and_empty(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=10)
        MasterCode.objects.filter(batch=batch, case_number=3).update(actual_unit_count=4)

        text = words(viewer.get(page(batch)))

        assert "14 of 30 units · 1 of 3 cases" in text
        assert "Packed #1 Partial #3 Empty #2" in text

    def test_writes_runs_of_cases_as_ranges(self, viewer, batch):
        assert "Packed none Partial none Empty #1-#3" in words(viewer.get(page(batch)))

    def test_leads_to_the_background_mode(self, viewer, batch):
        assert f'href="{page(batch)}rest/"' in viewer.get(page(batch)).text

    def test_lists_jobs_that_run(self, viewer, batch):
        running = ReverseJobFactory(batch=batch, running=True, progress=40)
        ended = ReverseJobFactory(batch=batch, completed=True)

        response = viewer.get(page(batch))

        assert "Prepare the rest running, 40 %" in words(response)
        assert f"/scan/jobs/{running.pk}/" in response.text
        assert f"/scan/jobs/{ended.pk}/" not in response.text

    def test_lists_plans_and_labels_that_are_made(self, viewer, batch):
        manager = manager_of(batch)
        submit_plan_text(actor=manager, batch_id=batch.pk, text=lines(batch, {1: [1, 2]}))
        create_label_sheet(
            actor=manager, batch_id=batch.pk, kind="case", from_number=1, to_number=1
        )

        response = viewer.get(page(batch))

        assert "Packing plan queued, 0 %" in words(response)
        assert "Labels queued, 0 %" in words(response)
        run_due_jobs()
        assert "Running jobs" not in words(viewer.get(page(batch)))

    def test_says_that_the_order_is_locked(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            actual_unit_count=10, status="opened"
        )

        text = words(viewer.get(page(batch)))

        expected = "Warehouse intake has begun for this order. Scanning and linking are disabled."
        assert expected in text

    @pytest.mark.parametrize("status", BatchStatus)
    def test_says_why_a_batch_cannot_be_packed(self, viewer, organization, status):
        batch = BatchFactory(order=OrderFactory(organization=organization), status=status)

        text = words(viewer.get(page(batch)))

        is_packable = status in {"generated", "printing", "in_production"}
        assert (f"Batch is not ready for packing ({status})." in text) is not is_packable

    def test_tells_the_spares_that_are_used_and_left(self, viewer, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=31).update(
            status="buffer_used", master_code=MasterCode.objects.get(batch=batch, case_number=1)
        )
        UnitCode.objects.filter(batch=batch, sequence_number=32).update(status="spoiled")

        text = words(viewer.get(page(batch)))

        assert "Spares 1 of 3 used, 1 available, 1 spoiled" in text

    @pytest.mark.parametrize(
        "part",
        [
            "pack",
            "rest-now",
            "rest",
            "perfect",
            "plan",
            "cases",
            "spoiled",
            "history",
            "finish",
        ],
    )
    def test_leads_to_the_modes_and_pages(self, viewer, batch, part):
        assert f'href="{page(batch)}{part}/"' in viewer.get(page(batch)).text

    def test_leads_to_the_files_of_what_is_packed(self, viewer, batch):
        assert 'id="files"' not in viewer.get(page(batch)).text
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=4)

        text = viewer.get(page(batch)).text

        for address in (
            f"/api/manufacturer/scan-summary-excel?batch_id={batch.pk}",
            f"/api/v1/qr/batches/{batch.pk}/epcis",
        ):
            assert f'href="{address}"' in text
            assert viewer.get(address).status_code == 200

    def test_reads_as_much_for_many_cases_as_for_few(self, viewer, batch):
        with CaptureQueriesContext(connection) as for_few:
            viewer.get(page(batch))
        for number in range(4, 40):
            MasterCodeFactory(batch=batch, case_number=number)
        for _ in range(10):
            ReverseJobFactory(batch=batch, running=True)
            ScanEventFactory(batch=batch)

        with CaptureQueriesContext(connection) as for_many:
            viewer.get(page(batch))

        assert len(for_many) <= len(for_few) <= 18


class TestRecommendedMode:
    def recommended(self, client, batch):
        found = re.search(
            r'<li class="card mode recommended">(.*?)</li>', client.get(page(batch)).text, re.DOTALL
        )
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else None

    @pytest.mark.parametrize(
        ("units", "name"),
        [
            (99, "Scan &amp; pack"),
            (100, "Pack the rest, now"),
            (500, "Pack the rest, now"),
            (501, "Pack the rest, in background"),
        ],
    )
    def test_goes_by_the_units_that_are_left(self, viewer, organization, units, name):
        batch = make_generated_batch(units=units, per_case=50, organization=organization)

        text = self.recommended(viewer, batch)

        assert text.startswith(f"{name} Recommended {units} units are left")

    def test_goes_on_with_the_queue(self, viewer, batch):
        prepare(batch)

        assert self.recommended(viewer, batch).startswith(
            "Pack the rest, in background Recommended Prepared units wait for their cases."
        )

    def test_goes_on_with_the_newest_plan_when_it_was_checked(self, viewer, batch):
        submit_plan_text(actor=manager_of(batch), batch_id=batch.pk, text=lines(batch, {1: [1, 2]}))
        assert self.recommended(viewer, batch).startswith("Scan &amp; pack")

        run_due_jobs()

        assert self.recommended(viewer, batch).startswith(
            "Import packing plan Recommended A checked packing plan waits to be applied."
        )

    def test_goes_on_with_perfect_cases_until_a_unit_is_spoiled(self, viewer, batch):
        ScanEventFactory(batch=batch, kind="perfect", unit_count=10)
        assert self.recommended(viewer, batch).startswith("Perfect case Recommended")

        ScanEventFactory(batch=batch, kind="spoil", unit_count=1)

        assert self.recommended(viewer, batch).startswith("Scan &amp; pack Recommended")

    def test_forgets_a_perfect_case_that_was_undone(self, viewer, batch):
        undo = ScanEventFactory(batch=batch, kind="undo")
        ScanEventFactory(batch=batch, kind="perfect", undone_by_event=undo)

        assert self.recommended(viewer, batch).startswith("Scan &amp; pack")

    def test_recommends_nothing_when_all_is_packed(self, viewer, batch):
        MasterCode.objects.filter(batch=batch).update(actual_unit_count=10, status="packed")

        assert self.recommended(viewer, batch) is None
        assert "All cases are packed." in words(viewer.get(page(batch)))

    def test_shows_no_modes_where_nothing_may_be_packed(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            actual_unit_count=10, status="opened"
        )

        assert 'id="modes"' not in viewer.get(page(batch)).text
