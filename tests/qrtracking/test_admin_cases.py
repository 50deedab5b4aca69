"""The admin of cases: what staff do to them, and what a case's page tells."""

import pytest

from qrtracking.models import MasterCode, ScanEvent, UnitCode
from qrtracking.services.unlinking import unlink_case
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, prepare
from tests.qrtracking.staff import choose, list_of, page_of, staff_client, words_of

pytestmark = pytest.mark.django_db

VERBS = ("unlink", "close", "receive")
REASON = {"reason": "Wet boxes"}
# What each verb needs to be carried out.
DATA = {"unlink": REASON, "close": REASON, "receive": {}}


@pytest.fixture
def batch():
    """Case 1 is full, case 2 holds 4 of 10, case 3 is ready to ship, case 4 is empty."""
    batch = make_generated_batch(
        units=40,
        per_case=10,
        order_no="ORD-HM-1125-77",
        warehouse_org=OrganizationFactory(kind="warehouse"),
    )
    prepare(batch)
    operator = make_member(organization=batch.organization)
    for number, units in ((1, 10), (2, 4), (3, 10)):
        link(operator, batch, number, target_units=units)
    MasterCode.objects.filter(batch=batch, case_number=3).update(status="ready_to_ship")
    return batch


def fitting(batch, verb) -> MasterCode:
    return case_of(batch, {"unlink": 1, "close": 2, "receive": 3}[verb])


def snapshot(batch):
    cases = MasterCode.objects.filter(batch=batch).order_by("case_number")
    return list(cases.values_list("status", "actual_unit_count", "expected_unit_count"))


@pytest.fixture
def staff():
    return staff_client("view_mastercode", *(f"{verb}_mastercode" for verb in VERBS))


class TestVerbs:
    @pytest.mark.parametrize("verb", VERBS)
    def test_asking_changes_nothing(self, staff, batch, verb):
        before = snapshot(batch)

        asked = staff.get(page_of(fitting(batch, verb), verb)).text

        assert "are you sure?" in asked
        assert snapshot(batch) == before

    @pytest.mark.parametrize(
        ("verb", "state", "words"),
        [
            (
                "unlink",
                ("generated", 0, 10),
                "Successfully unlinked 10 codes from master case #1.",
            ),
            ("close", ("packed", 4, 4), "Case #2 closed with 4 units."),
            ("receive", ("received_warehouse", 10, 10), "Case #3 received with 10 units."),
        ],
    )
    def test_confirming_acts_and_says_so(self, staff, batch, verb, state, words):
        case = fitting(batch, verb)

        answer = staff.post(page_of(case, verb), DATA[verb])

        assert answer.status_code == 302
        assert words_of(answer) == [words]
        case.refresh_from_db()
        assert (case.status, case.actual_unit_count, case.expected_unit_count) == state

    @pytest.mark.parametrize(("verb", "kind"), [("unlink", "unlink"), ("close", "close_short")])
    def test_a_reason_goes_into_the_history_with_the_name(self, batch, verb, kind):
        staff = staff_client("view_mastercode", f"{verb}_mastercode")

        staff.post(page_of(fitting(batch, verb), verb), REASON)

        event = ScanEvent.objects.get(batch=batch, kind=kind)
        assert event.note == "Wet boxes"
        assert event.actor.is_staff

    @pytest.mark.parametrize("verb", ["unlink", "close"])
    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
    def test_a_reason_is_needed(self, staff, batch, verb, reason):
        before = snapshot(batch)

        answer = staff.post(page_of(fitting(batch, verb), verb), {"reason": reason})

        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert snapshot(batch) == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_need_their_own_permission(self, batch, verb):
        others = [f"{other}_mastercode" for other in VERBS if other != verb]
        staff = staff_client("view_mastercode", *others)
        case, before = fitting(batch, verb), snapshot(batch)

        assert staff.get(page_of(case, verb)).status_code == 403
        assert staff.post(page_of(case, verb), DATA[verb]).status_code == 403
        choose(staff, verb, [case], query=of(batch), confirmed="yes", **DATA[verb])

        assert f'href="{page_of(case, verb)}"' not in staff.get(page_of(case)).text
        assert snapshot(batch) == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_find_no_case_of_another_organization(self, batch, verb):
        rights = "view_mastercode", f"{verb}_mastercode"
        stranger = staff_client(*rights, organization=OrganizationFactory())
        case, before = fitting(batch, verb), snapshot(batch)

        assert stranger.post(page_of(case, verb), DATA[verb]).status_code == 404
        choose(stranger, verb, [case], query=of(batch), confirmed="yes", **DATA[verb])

        assert snapshot(batch) == before

    @pytest.mark.parametrize("verb", VERBS)
    def test_work_for_staff_of_the_manufacturer(self, batch, verb):
        rights = "view_mastercode", f"{verb}_mastercode"
        staff = staff_client(*rights, organization=batch.organization)
        before = snapshot(batch)

        staff.post(page_of(fitting(batch, verb), verb), DATA[verb])

        assert snapshot(batch) != before

    @pytest.mark.parametrize(
        ("verb", "number"),
        [("unlink", 3), ("unlink", 4), ("close", 1), ("close", 4), ("receive", 1)],
    )
    def test_are_not_offered_where_they_do_not_fit(self, staff, batch, verb, number):
        case = case_of(batch, number)

        assert f'href="{page_of(case, verb)}"' not in staff.get(page_of(case)).text
        assert "This cannot be done now" in staff.get(page_of(case, verb)).text

    def test_keep_a_locked_order_as_it_is(self, staff, batch):
        MasterCode.objects.filter(batch=batch, case_number=3).update(status="received_warehouse")
        before = snapshot(batch)

        answer = staff.post(page_of(case_of(batch, 1), "unlink"), REASON)

        assert words_of(answer)[0].startswith("Nothing was changed. Warehouse intake has begun")
        assert snapshot(batch) == before


def of(batch) -> dict:
    return {"batch__id__exact": batch.pk}


class TestManyAtOnce:
    def test_asks_first_and_says_whom_it_leaves_alone(self, staff, batch):
        before = snapshot(batch)

        asked = choose(staff, "close", batch.cases.order_by("pk"), query=of(batch)).text

        assert "Close short: 1 of 4 chosen" in asked
        assert "only a partly filled case can be closed short" in asked
        assert 'name="reason"' in asked
        assert snapshot(batch) == before

    @pytest.mark.parametrize("verb", ["unlink", "close"])
    def test_needs_a_reason(self, staff, batch, verb):
        before = snapshot(batch)

        choose(staff, verb, batch.cases.order_by("pk"), query=of(batch), confirmed="yes")

        assert snapshot(batch) == before

    def test_tells_of_each_case_what_became_of_it(self, staff, batch):
        cases = batch.cases.order_by("pk")

        answer = choose(staff, "unlink", cases, query=of(batch), confirmed="yes", **REASON)

        assert words_of(answer) == [
            "Successfully unlinked 10 codes from master case #1.",
            "Successfully unlinked 4 codes from master case #2.",
            f"{case_of(batch, 3)}: Cannot unlink. Production is already completed (ready_to_ship).",
        ]
        assert not UnitCode.objects.filter(batch=batch, status="packed", master_code__case_number=1)

    def test_sums_many_cases_up(self, staff):
        batch = make_generated_batch(units=12, per_case=1)
        prepare(batch)
        operator = make_member(organization=batch.organization)
        for number in range(1, 13):
            link(operator, batch, number)
        chosen = {"select_across": "1", "confirmed": "yes", **REASON}

        answer = choose(staff, "unlink", batch.cases.order_by("pk")[:1], query=of(batch), **chosen)

        assert words_of(answer) == ["12 master codes emptied."]
        assert not batch.cases.filter(actual_unit_count__gt=0).exists()


class TestList:
    @pytest.mark.parametrize(("short", "count"), [("yes", 1), ("no", 3), ("maybe", 0)])
    def test_finds_cases_that_were_closed_short(self, staff, batch, short, count):
        MasterCode.objects.filter(batch=batch, case_number=2).update(short_reason="Last of all")

        page = staff.get(list_of(MasterCode, **of(batch), short=short))

        assert page.context["cl"].result_count == count

    def test_shows_the_columns_of_the_contract(self, staff, batch):
        page = staff.get(list_of(MasterCode, **of(batch)))

        assert page.context["cl"].list_display[-6:] == [
            "master_code",
            "case_number",
            "units",
            "status",
            "manufacturer_scanned_by",
            "scanned",
        ]
        assert "4 / 10" in page.text

    def test_offers_the_newest_batches_to_choose_from(self, staff, batch):
        page = staff.get(list_of(MasterCode)).text

        assert "Choose a batch first" in page
        assert f'href="?batch__id__exact={batch.pk}"' in page
        assert "No results found" not in page

    def test_offers_no_foreign_batch(self, batch):
        stranger = staff_client("view_mastercode", organization=OrganizationFactory())

        assert str(batch.pk) not in stranger.get(list_of(MasterCode)).text


class TestPage:
    def test_tells_events_with_who_undid_them(self, staff, batch):
        manager = make_member("manager", organization=batch.organization, username="mara")
        case = case_of(batch, 1)
        unlink_case(actor=manager, case_id=case.pk, reason="Torn foil")

        page = staff.get(page_of(case)).text

        assert "Packed from the queue" in page
        assert "by mara" in page
        assert "Torn foil" in page

    def test_pages_through_the_units_inside(self, staff, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.selectors.scan.cases.UNITS_SHOWN", 6)
        case = case_of(batch, 1)

        first = staff.get(page_of(case))
        second = staff.get(page_of(case), {"from": first.context["following"]})

        assert [unit.sequence_number for unit in first.context["units"]] == [1, 2, 3, 4, 5, 6]
        assert [unit.sequence_number for unit in second.context["units"]] == [7, 8, 9, 10]
        assert "First units" in second.text

    @pytest.mark.parametrize("start", ["x", "-1", "", "9" * 30, "²"])
    def test_begins_at_the_first_unit_for_what_is_no_number(self, staff, batch, start):
        page = staff.get(page_of(case_of(batch, 1)), {"from": start})

        assert len(page.context["units"]) == 10

    def test_says_that_it_is_empty(self, staff, batch):
        assert "No unit is packed into this case" in staff.get(page_of(case_of(batch, 4))).text
