"""What managers correct through `/api/v1/qr/`: receive, close short, replace spoiled units."""

import pytest

from accounts.models import Role
from qrtracking.models import MasterCode, ScanEvent, UnitCode
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import (
    BATCHES,
    NO_IDS,
    NOBODY,
    NOT_FOUND,
    ROLE_REFUSED,
    client_for,
    client_of,
    make_batch,
    post,
)
from tests.qrtracking.queue import case_of, pack, sequences_in

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/qr"
RECEIVE = f"{ROOT}/cases/receive"
REPLACEMENTS = f"{ROOT}/replacements"
LOCKED = "Warehouse intake has begun for this order. Scanning and linking are disabled."


def told(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["code"]


def manager_of(batch):
    return client_of(batch, Role.MANAGER)


def ship(batch, number=1):
    MasterCode.objects.filter(batch=batch, case_number=number).update(
        status="ready_to_ship", actual_unit_count=10
    )
    return case_of(batch, number)


class TestReceive:
    def receive(self, batch, *labels, role=Role.MANAGER, **changes):
        return post(client_of(batch, role), RECEIVE, {"master_codes": list(labels)} | changes)

    def test_receives_what_can_be_received(self):
        batch = make_batch()
        shipped, waiting = ship(batch), case_of(batch, 2)

        answer = self.receive(batch, shipped.master_code, waiting.master_code, "zzz")

        body = answer.json()
        assert (body["received_count"], body["refused_count"]) == (1, 2)
        (received,) = body["received"]
        assert (received["id"], received["status"]) == (str(shipped.pk), "received_warehouse")
        assert body["refused"] == [
            {
                "master_code": waiting.master_code,
                "reason": "Case #2 is not ready to ship (generated).",
            },
            {"master_code": "zzz", "reason": "Master code not found"},
        ]

    def test_locks_the_order(self):
        batch = make_batch()
        self.receive(batch, ship(batch).master_code)

        answer = post(client_of(batch), f"{ROOT}/undo", {"batch_id": str(batch.pk)})

        assert told(answer) == (409, LOCKED, "order_locked")

    def test_refuses_the_warehouse_of_another_order(self):
        batch = make_batch()

        answer = self.receive(batch, ship(batch).master_code, warehouse_org_id=NOBODY)

        (refused,) = answer.json()["refused"]
        assert refused["reason"] == "Case #1 does not go to this warehouse."

    @pytest.mark.parametrize("value", NO_IDS)
    def test_refuses_a_made_up_warehouse(self, value):
        batch = make_batch()

        answer = self.receive(batch, ship(batch).master_code, warehouse_org_id=value)

        assert answer.json()["received_count"] == 0

    def test_does_not_know_the_cases_of_others(self):
        batch = make_batch()
        foreign = ship(make_batch())

        answer = self.receive(batch, foreign.master_code)

        assert answer.json()["refused"][0]["reason"] == "Master code not found"
        foreign.refresh_from_db()
        assert foreign.status == "ready_to_ship"

    @pytest.mark.parametrize("value", [None, [], "x", [1], {}])
    def test_needs_a_list_of_texts(self, value):
        answer = post(manager_of(make_batch()), RECEIVE, {"master_codes": value})

        error = "master_codes array is required"
        assert told(answer) == (400, error, "master_codes_required")

    def test_takes_no_more_than_200(self):
        answer = self.receive(make_batch(), *map(str, range(201)))

        error = "master_codes has over 200 entries"
        assert told(answer) == (400, error, "master_codes_too_many")

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, role):
        batch = make_batch()

        answer = self.receive(batch, ship(batch).master_code, role=role)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)


class TestCloseShort:
    def close(self, batch, role=Role.MANAGER, **body):
        path = f"{ROOT}/cases/{case_of(batch, 1).pk}/close-short"
        return post(client_of(batch, role), path, body)

    def test_makes_the_case_full_with_what_it_holds(self):
        batch = make_batch()
        pack(batch, 1, range(1, 5))

        body = self.close(batch, reason="Two units broke").json()

        assert (body["expected_unit_count"], body["actual_unit_count"]) == (4, 4)
        assert (body["status"], body["is_full"]) == ("packed", True)
        assert body["short_reason"] == "Two units broke"

    @pytest.mark.parametrize("value", [None, "", "  ", 7, []])
    def test_needs_a_reason(self, value):
        answer = self.close(make_batch(), reason=value)

        assert told(answer) == (400, "A reason is required.", "reason_required")

    def test_refuses_an_endless_reason(self):
        answer = self.close(make_batch(), reason="x" * 501)

        assert answer.json()["code"] == "reason_too_long"

    def test_refuses_an_empty_case(self):
        error = "This case is empty: there is nothing to close."
        assert told(self.close(make_batch(), reason="x")) == (409, error, "case_empty")

    def test_refuses_a_full_case(self):
        batch = make_batch()
        pack(batch, 1, range(1, 11))

        assert self.close(batch, reason="x").json()["code"] == "case_full"

    def test_does_not_know_the_case_of_others(self):
        path = f"{ROOT}/cases/{case_of(make_batch(), 1).pk}/close-short"

        answer = post(manager_of(make_batch()), path, {"reason": "x"})

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, role):
        answer = self.close(make_batch(), role, reason="x")

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)


class TestReplacements:
    def replace(self, batch, *spoiled, role=Role.MANAGER, **changes):
        body = {"batch_id": str(batch.pk), "spoiled": list(spoiled)} | changes
        return post(client_of(batch, role), REPLACEMENTS, body)

    def test_puts_spares_into_the_places_of_spoiled_units(self):
        batch = make_batch()
        pack(batch, 1, range(1, 11))

        body = self.replace(batch, "3", "SEQ:15", "zzz").json()

        counts = [body[f"{word}_count"] for word in ("replaced", "spoiled", "refused")]
        assert counts == [2, 0, 1]
        packed, free, unknown = body["results"]
        assert packed["message"] == "#3 is spoiled, spare #21 replaces it in Case #1."
        assert (packed["unit"]["sequence_number"], packed["spare"]["sequence_number"]) == (3, 21)
        assert (packed["case_number"], free["case_number"]) == (1, None)
        assert (unknown["outcome"], unknown["unit"]) == ("refused", None)
        assert sequences_in(batch, 1) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 21]

    def test_takes_the_named_spare_and_the_next_one_where_none_is_named(self):
        batch = make_batch()

        body = self.replace(batch, "3", "4", spares=["22", None]).json()

        spares = [line["spare"]["sequence_number"] for line in body["results"]]
        assert spares == [22, 21]

    def test_leaves_the_case_short_when_spares_run_out(self):
        batch = make_batch()

        body = self.replace(batch, "1-3").json()

        assert (body["replaced_count"], body["spoiled_count"]) == (2, 1)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"spoiled": None}, "Missing required fields: batch_id, spoiled"),
            ({"spoiled": []}, "spoiled names no units"),
            ({"spoiled": ["", " ; "]}, "spoiled names no units"),
            ({"spoiled": "3"}, "spoiled must be an array of strings"),
            ({"spoiled": [3]}, "spoiled must be an array of strings"),
            ({"spoiled": ["3"], "spares": "21"}, "spares must be an array of strings"),
            ({"spoiled": ["3"], "spares": [21]}, "spares must be an array of strings"),
            ({"spoiled": ["3"] * 5001}, "spoiled has over 5000 entries"),
        ],
    )
    def test_refuses_lists_that_are_none(self, changes, error):
        batch = make_batch()

        answer = self.replace(batch, **changes)

        assert (answer.status_code, answer.json()["error"]) == (400, error)
        assert not ScanEvent.objects.exists()

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_batch(self, value):
        answer = self.replace(make_batch(), "3", batch_id=value)

        assert told(answer) == (404, "Batch not found", "batch_not_found")

    def test_does_not_touch_the_units_of_others(self):
        foreign = make_batch()

        answer = self.replace(make_batch(), foreign.units.get(sequence_number=3).code)
        unknown = self.replace(make_batch(), "3", batch_id=str(foreign.pk))

        assert answer.json()["refused_count"] == 1
        assert unknown.status_code == 404
        assert not UnitCode.objects.filter(status="spoiled").exists()

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, role):
        answer = self.replace(make_batch(), "3", role=role)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_is_undone_with_its_spares(self):
        batch = make_batch()
        pack(batch, 1, range(1, 11))
        client = manager_of(batch)
        post(client, REPLACEMENTS, {"batch_id": str(batch.pk), "spoiled": ["3"]})

        undone = post(client, f"{ROOT}/undo", {"batch_id": str(batch.pk)})

        assert undone.json()["message"] == "Undone: 1 unit is no longer spoiled."
        assert sequences_in(batch, 1) == list(range(1, 11))


class TestAnotherOrganization:
    def test_gets_no_list_of_the_batch(self):
        batch = make_batch()

        answer = client_for(OrganizationFactory()).get(f"{BATCHES}/{batch.pk}/codes")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
