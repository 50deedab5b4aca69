"""The cases of a batch, the page of one, unlinking it and closing it short."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qrtracking.models import (
    LOCKED,
    BatchStatus,
    CaseStatus,
    MasterCode,
    ScanEvent,
    SsccCounter,
    UnitCode,
)
from qrtracking.selectors.scan import CASES_SHOWN, UNITS_SHOWN
from tests.qrtracking.factories import MasterCodeFactory, ScanEventFactory, make_generated_batch
from tests.qrtracking.pages import user_of, words
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert(1)</script>"
LOCKED_TEXT = "Warehouse intake has begun for this order. Scanning and linking are disabled."


@pytest.fixture
def batch(organization):
    """Case 1 is full, case 2 holds 4 of 10, case 3 is empty; 31 to 33 are spares."""
    batch = make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )
    pack(batch, 1, range(1, 11))
    pack(batch, 2, range(11, 15))
    MasterCode.objects.filter(batch=batch, case_number=1).update(
        actual_unit_count=10, status="packed"
    )
    MasterCode.objects.filter(batch=batch, case_number=2).update(actual_unit_count=4)
    return batch


def cases(client, batch, **query):
    return client.get(reverse("scan:cases", args=[batch.pk]), query)


def numbers(response):
    return [case.case_number for case in response.context["cases"]]


def page(batch, number, part=""):
    return reverse("scan:case", args=[case_of(batch, number).pk]) + part


def lock(batch):
    MasterCode.objects.filter(batch=batch, case_number=3).update(status="received_warehouse")


class TestCases:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert cases(client, batch)["Location"].startswith("/login")

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        assert cases(elsewhere, batch).status_code == 404

    def test_says_how_full_each_case_is(self, viewer, batch):
        text = words(cases(viewer, batch))

        assert "Case #1 10 of 10 packed MINT" in text
        assert "Case #2 4 of 10 partial MINT" in text
        assert "Case #3 0 of 10 empty MINT" in text

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("", [1, 2, 3]),
            ("packed", [1]),
            ("partial", [2]),
            ("empty", [3]),
            ("short", []),
            ("shipping", []),
            ("nonsense", [1, 2, 3]),
        ],
    )
    def test_shows_one_part(self, viewer, batch, status, expected):
        assert numbers(cases(viewer, batch, status=status)) == expected

    def test_counts_the_parts_and_hides_those_without_cases(self, viewer, batch):
        text = words(cases(viewer, batch))

        assert "All 3 Empty 1 Partial 1 Packed 1 Case #1" in text

    @pytest.mark.parametrize("status", LOCKED)
    def test_has_a_part_for_the_warehouse(self, viewer, batch, status):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        assert numbers(cases(viewer, batch, status="warehouse")) == [1]

    def test_turns_pages_by_case_number(self, viewer, batch):
        MasterCode.objects.bulk_create(
            MasterCodeFactory.build(batch=batch, case_number=number)
            for number in range(4, 2 * CASES_SHOWN + 1)
        )

        first = cases(viewer, batch, status="empty")
        second = cases(viewer, batch, **{"status": "empty", "from": first.context["following"]})

        assert numbers(first) == list(range(3, CASES_SHOWN + 3))
        assert f"?status=empty&amp;from={CASES_SHOWN + 3}" in first.text
        assert numbers(second) == list(range(CASES_SHOWN + 3, 2 * CASES_SHOWN + 1))
        assert second.context["following"] is None
        assert 'href="?status=empty"' in second.text

    @pytest.mark.parametrize("start", ["0", "-1", "abc", "9" * 30, MARKUP, "1.5"])
    def test_begins_at_the_first_case_after_a_damaged_address(self, viewer, batch, start):
        assert numbers(cases(viewer, batch, **{"from": start})) == [1, 2, 3]

    @pytest.mark.parametrize("spelled", ["2", "#2", "CASE:2", "label"])
    def test_opens_a_scanned_case(self, viewer, batch, spelled):
        text = case_of(batch, 2).master_code if spelled == "label" else spelled

        assert cases(viewer, batch, case=text)["Location"] == page(batch, 2)

    @pytest.mark.parametrize("text", ["99", "zzz", "1-5", MARKUP])
    def test_says_that_it_does_not_know_a_case(self, viewer, batch, text):
        response = viewer.get(reverse("scan:cases", args=[batch.pk]), {"case": text}, follow=True)

        assert "is not a case of this order." in words(response)
        assert MARKUP not in response.text

    def test_opens_no_case_of_another_order(self, viewer, batch, organization):
        other = make_generated_batch(units=10, per_case=10, organization=organization)

        response = cases(viewer, batch, case=case_of(other, 1).master_code)

        assert response["Location"] == reverse("scan:cases", args=[batch.pk])

    def test_refuses_a_nul(self, viewer, batch):
        assert cases(viewer, batch, case="\x00").status_code == 400

    def test_reads_as_much_for_many_as_for_few(self, viewer, batch):
        with CaptureQueriesContext(connection) as for_few:
            cases(viewer, batch)
        MasterCode.objects.bulk_create(
            MasterCodeFactory.build(
                batch=batch, case_number=number, manufacturer_scanned_by=user_of(viewer)
            )
            for number in range(4, 400)
        )

        with CaptureQueriesContext(connection) as for_many:
            cases(viewer, batch)

        assert len(for_many) == len(for_few) <= 10


class TestShippingNumbers:
    @pytest.fixture
    def counter(self, organization):
        return SsccCounter.objects.create(organization=organization, company_prefix="4012345")

    def give(self, client, batch):
        return client.post(reverse("scan:ssccs", args=[batch.pk]), follow=True)

    def test_gives_each_case_its_number(self, manager, batch, counter):
        assert "Give shipping numbers" in words(cases(manager, batch))

        response = self.give(manager, batch)

        text = words(response)
        assert "3 cases got a shipping number." in text
        assert "Give shipping numbers" not in text
        sscc = case_of(batch, 1).sscc
        assert sscc in words(manager.get(page(batch, 1)))
        assert cases(manager, batch, case=f"00{sscc}")["Location"] == page(batch, 1)

    def test_offers_nothing_without_a_prefix(self, manager, batch):
        assert "Give shipping numbers" not in words(cases(manager, batch))
        assert "has no GS1 company prefix yet" in words(self.give(manager, batch))

    def test_is_for_managers(self, operator, viewer, elsewhere, batch, counter):
        for client in (operator, viewer):
            assert "Give shipping numbers" not in words(cases(client, batch))
            assert self.give(client, batch).status_code == 403
        assert self.give(elsewhere, batch).status_code == 404
        assert case_of(batch, 1).sscc is None

    def test_refuses_a_locked_order(self, manager, batch, counter):
        lock(batch)

        assert LOCKED_TEXT in words(self.give(manager, batch))
        assert case_of(batch, 1).sscc is None


class TestCase:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert client.get(page(batch, 1))["Location"].startswith("/login")

    def test_does_not_hint_at_cases_of_others(self, elsewhere, batch):
        foreign = elsewhere.get(page(batch, 1))
        unknown = elsewhere.get(reverse("scan:case", args=[uuid.uuid4()]))

        assert foreign.status_code == unknown.status_code == 404
        assert words(foreign) == words(unknown)

    def test_shows_what_lies_in_it(self, viewer, batch):
        text = words(viewer.get(page(batch, 2)))

        assert "Case #2: 4 of 10 units partial" in text
        assert case_of(batch, 2).master_code in text
        assert "Planned 10 units, #11-#20, MINT" in text
        assert "#11 MINT #12 MINT #13 MINT #14 MINT History" in text

    def test_says_that_nothing_lies_in_it(self, viewer, batch):
        assert "No unit is packed into this case." in words(viewer.get(page(batch, 3)))

    def test_turns_pages_of_units(self, viewer, organization):
        batch = make_generated_batch(units=300, per_case=300, organization=organization)
        pack(batch, 1, range(1, 301))

        first = viewer.get(page(batch, 1))
        second = viewer.get(page(batch, 1), {"from": first.context["following"]})

        assert len(first.context["units"]) == UNITS_SHOWN
        assert second.context["units"][0].sequence_number == UNITS_SHOWN + 1
        assert second.context["following"] is None

    def test_tells_spoiled_units_and_their_spares(self, viewer, batch):
        units = UnitCode.objects.filter(batch=batch)
        units.filter(sequence_number__in=[11, 12]).update(status="spoiled", master_code=None)
        units.filter(sequence_number=31).update(
            status="buffer_used", replaces_sequence_no=11, master_code=case_of(batch, 2)
        )

        text = words(viewer.get(page(batch, 2)))

        assert "Spoiled #11 (replaced by spare #31), #12" in text
        assert "#31 MINT, spare for #11" in text

    def test_shows_its_own_history(self, viewer, batch):
        ScanEventFactory(batch=batch, master_code=case_of(batch, 2), note="of two")
        ScanEventFactory(batch=batch, master_code=case_of(batch, 1), note="of one")

        text = words(viewer.get(page(batch, 2)))

        assert "of two" in text
        assert "of one" not in text

    def test_leads_to_its_events_once_there_are_some(self, viewer, batch):
        address = f"/api/v1/qr/cases/{case_of(batch, 2).pk}/epcis"
        assert address not in viewer.get(page(batch, 2)).text

        ScanEventFactory(batch=batch, master_code=case_of(batch, 2))

        assert f'href="{address}"' in viewer.get(page(batch, 2)).text
        assert viewer.get(address).status_code == 200

    @pytest.mark.parametrize(
        ("number", "verbs"), [(1, {"unlink"}), (2, {"unlink", "close-short"}), (3, set())]
    )
    def test_offers_managers_what_can_be_done(self, manager, batch, number, verbs):
        text = manager.get(page(batch, number)).text

        offered = {
            verb for verb in ("unlink", "close-short") if page(batch, number, f"{verb}/") in text
        }
        assert offered == verbs
        assert "Mark units as spoiled" in text

    def test_offers_operators_and_viewers_nothing(self, operator, viewer, batch):
        for client in (operator, viewer):
            text = client.get(page(batch, 2)).text

            assert "unlink/" not in text
            assert "close-short/" not in text
            assert "Mark units as spoiled" not in text

    def test_offers_nothing_in_a_locked_order(self, manager, batch):
        lock(batch)

        response = manager.get(page(batch, 2))

        assert LOCKED_TEXT in words(response)
        assert "unlink/" not in response.text

    @pytest.mark.parametrize("status", BatchStatus)
    def test_offers_corrections_while_the_batch_can_be_packed(self, manager, batch, status):
        batch.status = status
        batch.save()

        is_packable = status in {"generated", "printing", "in_production"}
        assert ("unlink/" in manager.get(page(batch, 2)).text) is is_packable

    def test_reads_as_much_for_many_units_as_for_few(self, viewer, batch):
        with CaptureQueriesContext(connection) as for_few:
            viewer.get(page(batch, 2))
        with CaptureQueriesContext(connection) as for_many:
            viewer.get(page(batch, 1))

        assert len(for_many) == len(for_few) <= 14


class TestUnlink:
    def test_asks_first_and_changes_nothing(self, manager, batch):
        text = words(manager.get(page(batch, 1, "unlink/")))

        assert "Unlink Case #1 of ORD-HM-1125-02? All 10 units are taken out" in text
        assert case_of(batch, 1).actual_unit_count == 10

    def test_takes_all_units_out_with_a_reason(self, manager, batch):
        response = manager.post(
            page(batch, 1, "unlink/"), {"reason": " wrong pallet "}, follow=True
        )

        assert "Successfully unlinked 10 codes from master case #1." in words(response)
        assert sequences_in(batch, 1) == []
        event = ScanEvent.objects.get(kind="unlink")
        assert (event.note, event.actor) == ("wrong pallet", user_of(manager))

    def test_gives_the_queue_its_units_back(self, manager, operator, organization):
        batch = make_generated_batch(units=20, per_case=10, organization=organization)
        prepare(batch)
        link(user_of(operator), batch, 1)

        manager.post(page(batch, 1, "unlink/"), {"reason": "wrong"})

        assert live_sequences(batch) == list(range(1, 21))

    @pytest.mark.parametrize(
        ("reason", "says"),
        [
            ("", "A reason is required."),
            ("  ", "A reason is required."),
            ("x" * 501, "A reason has at most 500 characters."),
        ],
    )
    def test_needs_a_reason(self, manager, batch, reason, says):
        response = manager.post(page(batch, 1, "unlink/"), {"reason": reason})

        assert response.status_code == 400
        assert says in words(response)
        assert len(sequences_in(batch, 1)) == 10

    def test_refuses_a_nul(self, manager, batch):
        response = manager.post(page(batch, 1, "unlink/"), {"reason": "a\x00b"})

        assert response.status_code == 400
        assert len(sequences_in(batch, 1)) == 10

    def test_is_for_managers(self, operator, viewer, batch):
        for client in (operator, viewer):
            for method in (client.get, client.post):
                assert method(page(batch, 1, "unlink/"), {"reason": "x"}).status_code == 403
        assert len(sequences_in(batch, 1)) == 10

    def test_is_404_for_others(self, elsewhere, batch):
        assert elsewhere.get(page(batch, 1, "unlink/")).status_code == 404
        assert elsewhere.post(page(batch, 1, "unlink/"), {"reason": "x"}).status_code == 404
        assert len(sequences_in(batch, 1)) == 10

    def test_says_that_the_order_is_locked(self, manager, batch):
        lock(batch)

        response = manager.post(page(batch, 1, "unlink/"), {"reason": "x"}, follow=True)

        assert LOCKED_TEXT in words(response)
        assert len(sequences_in(batch, 1)) == 10
        assert manager.get(page(batch, 1, "unlink/"))["Location"] == page(batch, 1)

    @pytest.mark.parametrize("status", [*LOCKED, "ready_to_ship", "in_transit"])
    def test_says_why_a_case_cannot_be_unlinked(self, manager, batch, status):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        response = manager.post(page(batch, 1, "unlink/"), {"reason": "x"}, follow=True)

        assert f"({status})." in words(response)
        assert "unlink/" not in manager.get(page(batch, 1)).text

    def test_is_calm_when_it_is_pressed_twice(self, manager, batch):
        for _ in range(2):
            response = manager.post(page(batch, 1, "unlink/"), {"reason": "x"}, follow=True)

        assert "Successfully unlinked 0 codes from master case #1." in words(response)
        assert ScanEvent.objects.filter(kind="unlink").count() == 1


class TestCloseShort:
    def test_asks_first(self, manager, batch):
        text = words(manager.get(page(batch, 2, "close-short/")))

        assert "Close Case #2 of ORD-HM-1125-02 short? It holds 4 of 10 units." in text

    def test_makes_the_case_full_with_what_it_holds(self, manager, batch):
        response = manager.post(page(batch, 2, "close-short/"), {"reason": MARKUP}, follow=True)

        assert "Case #2 is closed with 4 units." in words(response)
        assert MARKUP not in response.text
        case = case_of(batch, 2)
        assert (case.expected_unit_count, case.status, case.short_reason) == (4, "packed", MARKUP)
        assert numbers(cases(manager, batch, status="short")) == [2]

    @pytest.mark.parametrize("reason", ["", " ", "x" * 501])
    def test_needs_a_reason(self, manager, batch, reason):
        response = manager.post(page(batch, 2, "close-short/"), {"reason": reason})

        assert response.status_code == 400
        assert case_of(batch, 2).expected_unit_count == 10

    @pytest.mark.parametrize(
        ("number", "says"),
        [
            (1, "This master case is already full."),
            (3, "This case is empty: there is nothing to close."),
        ],
    )
    def test_says_why_a_case_cannot_be_closed(self, manager, batch, number, says):
        response = manager.post(page(batch, number, "close-short/"), {"reason": "x"}, follow=True)

        assert says in words(response)
        assert manager.get(page(batch, number, "close-short/"))["Location"] == page(batch, number)

    def test_is_for_managers(self, operator, viewer, batch):
        for client in (operator, viewer):
            response = client.post(page(batch, 2, "close-short/"), {"reason": "x"})

            assert response.status_code == 403
        assert case_of(batch, 2).status == CaseStatus.GENERATED

    def test_is_404_for_others(self, elsewhere, batch):
        address = page(batch, 2, "close-short/")

        assert elsewhere.post(address, {"reason": "x"}).status_code == 404
        assert case_of(batch, 2).expected_unit_count == 10
