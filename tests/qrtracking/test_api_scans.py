"""`/api/v1/qr/scans` and `undo`, as a scan page with a queue of its own calls them."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.api.views import scanning
from qrtracking.models import MasterCode, ScanEvent, ScanItem
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.api import (
    NO_IDS,
    NOBODY,
    ROLE_REFUSED,
    SCANS,
    UNDO,
    client_for,
    client_of,
    make_batch,
    post,
    prepare,
)
from tests.qrtracking.queue import case_of, sequences_in

pytestmark = pytest.mark.django_db

LOCKED = "Warehouse intake has begun for this order. Scanning and linking are disabled."


def scans(client, batch, *texts, **options):
    """Each text with a uuid of its own; options are those of each scan."""
    body = {
        "batch_id": str(batch.pk),
        "scans": [{"uuid": str(uuid4()), "text": str(text), **options} for text in texts],
    }
    return post(client, SCANS, body)


def told(answer):
    return [(one["outcome"], one["message"]) for one in answer.json()["results"]]


def undo(client, batch):
    return post(client, UNDO, {"batch_id": str(batch.pk)})


class TestScans:
    def test_answers_every_scan_in_order(self):
        batch = make_batch(variants={"MINT": 20})
        label = case_of(batch, 1).master_code

        answer = scans(client_of(batch), batch, 1, 1, "zzz", label)

        assert told(answer) == [
            ("ok", "Added #1, MINT. 1 of 10"),
            ("duplicate", "Already on your list: #1"),
            ("wrong", "Unknown code: zzz. Scan again or type SEQ:<number>."),
            ("ok", "Case #1: 1 unit packed. 9 to go."),
        ]
        assert [one["list_count"] for one in answer.json()["results"]] == [1, 1, 1, 0]

    def test_tells_about_unit_and_case(self):
        batch = make_batch()
        case = case_of(batch, 1)

        unit, packed = scans(client_of(batch), batch, 1, case.master_code).json()["results"]

        assert unit["case"] is None
        assert unit["unit"]["sequence_number"] == 1
        assert packed["case"] == {
            "id": str(case.pk),
            "case_number": 1,
            "master_code": case.master_code,
            "status": "generated",
            "expected_units": 10,
            "actual_units": 1,
            "remaining_capacity": 9,
            "is_complete": False,
        }
        assert packed["event_id"] == str(ScanEvent.objects.get().pk)

    def test_gives_a_known_uuid_its_stored_outcome(self):
        batch = make_batch()
        client = client_of(batch)
        case = case_of(batch, 1)
        body = {
            "batch_id": str(batch.pk),
            "scans": [
                {"uuid": str(uuid4()), "text": "1"},
                {"uuid": str(uuid4()), "text": case.master_code},
            ],
        }

        first = post(client, SCANS, body).json()["results"]
        again = post(client, SCANS, body).json()["results"]

        assert [one["is_repeat"] for one in again] == [True, True]
        words = [(one["uuid"], one["outcome"], one["message"]) for one in first]
        assert words == [(one["uuid"], one["outcome"], one["message"]) for one in again]
        assert sequences_in(batch, 1) == [1]
        assert ScanEvent.objects.count() == 1

    def test_keeps_what_came_before_a_scan_that_fails(self, monkeypatch):
        batch = make_batch()
        client = client_of(batch)
        client.raise_request_exception = False
        body = {
            "batch_id": str(batch.pk),
            "scans": [{"uuid": str(uuid4()), "text": str(number)} for number in (1, 2)],
        }
        real = scanning.scan

        def break_at_second(**arguments):
            if arguments["text"] == "2":
                raise RuntimeError
            return real(**arguments)

        monkeypatch.setattr(scanning, "scan", break_at_second)
        assert post(client, SCANS, body).status_code == 500
        monkeypatch.undo()

        results = post(client, SCANS, body).json()["results"]

        assert [one["is_repeat"] for one in results] == [True, False]
        assert ScanItem.objects.filter(outcome="listed").count() == 2

    def test_says_of_a_uuid_of_somebody_else_that_it_is_taken(self):
        batch = make_batch()
        scan = {"uuid": str(uuid4()), "text": "1"}
        body = {"batch_id": str(batch.pk), "scans": [scan]}
        post(client_of(batch), SCANS, body)

        answer = post(client_of(batch), SCANS, body | {"scans": [scan, scan | {"uuid": NOBODY}]})

        assert told(answer)[0] == ("wrong", "This client_uuid was used for another scan.")
        assert answer.json()["results"][0]["list_count"] == 0
        assert len(told(answer)) == 2

    def test_packs_the_open_case_when_it_is_full(self):
        batch = make_batch()

        answer = scans(client_of(batch), batch, *range(1, 11), case_id=str(case_of(batch, 1).pk))

        assert told(answer)[-1] == ("ok", "Case #1: 10 units packed. It is full.")
        assert answer.json()["results"][-1]["case"]["is_complete"] is True

    def test_packs_all_planned_units_in_perfect_mode(self):
        batch = make_batch()

        answer = scans(client_of(batch), batch, case_of(batch, 2).master_code, mode="perfect")

        assert told(answer)[0][0] == "ok"
        assert sequences_in(batch, 2) == list(range(11, 21))

    def test_takes_the_next_units_of_the_queue_in_rest_mode(self):
        batch = make_batch()
        prepare(batch, exclude_codes=["1"])

        answer = scans(client_of(batch), batch, case_of(batch, 1).master_code, mode="rest")

        assert told(answer) == [("ok", "Case #1: 10 units")]
        assert sequences_in(batch, 1) == list(range(2, 12))

    def test_takes_units_planned_for_other_cases_only_when_told(self):
        batch = make_batch()
        client, opened = client_of(batch), str(case_of(batch, 1).pk)
        body = {
            "batch_id": str(batch.pk),
            "skip_case_validation": True,
            "scans": [
                {"uuid": str(uuid4()), "text": "11", "case_id": opened},
                {
                    "uuid": str(uuid4()),
                    "text": "12",
                    "case_id": opened,
                    "skip_case_validation": False,
                },
            ],
        }

        refused = scans(client, batch, 11, case_id=opened)
        allowed = scans(client, batch, 13, case_id=opened, skip_case_validation=True)
        mixed = post(client, SCANS, body)

        assert told(refused) == [("wrong", "#11 is planned for Case #2. Case #1 is open.")]
        assert told(allowed)[0][0] == "ok"
        assert [outcome for outcome, _ in told(mixed)] == ["ok", "wrong"]

    def test_says_how_much_a_case_takes_from_the_queue(self):
        batch = make_batch(variants={"MINT": 20})
        prepare(batch)
        client = client_of(batch)

        four = scans(client, batch, "CASE:1", mode="rest", target_units=4)
        planned = scans(client, batch, "CASE:2", mode="rest", same_case=True)

        assert told(four) == [("ok", "Case #1: 4 units")]
        assert told(planned) == [("ok", "Case #2: 10 units")]
        assert sequences_in(batch, 2) == [*range(11, 21)]

    @pytest.mark.parametrize("units", [0, -1, 100_001, "x", 1.5])
    def test_takes_no_other_number_of_units(self, units):
        batch = make_batch()

        answer = scans(client_of(batch), batch, "CASE:1", mode="rest", target_units=units)

        assert answer.status_code == 400
        assert not ScanItem.objects.exists()

    def test_is_told_that_the_order_is_locked(self):
        batch = make_batch()
        MasterCode.objects.filter(batch=batch, case_number=2).update(status="received_warehouse")

        assert told(scans(client_of(batch), batch, 1)) == [("locked", LOCKED)]

    def test_is_told_that_the_batch_is_not_ready(self):
        batch = make_batch()
        batch.status = "completed"
        batch.save()

        error = "Batch is not ready for packing (completed)"
        assert told(scans(client_of(batch), batch, 1)) == [("locked", error)]

    def test_ignores_the_clock_of_the_client(self):
        batch = make_batch()

        answer = scans(client_of(batch), batch, 1, at="1999-12-31T23:59:59Z")

        assert told(answer)[0][0] == "ok"

    def test_refuses_a_text_that_is_too_long_as_an_outcome(self):
        batch = make_batch()

        answer = scans(client_of(batch), batch, "x" * 501, "1", "")

        assert [outcome for outcome, _ in told(answer)] == ["wrong", "ok", "wrong"]

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_batch(self, value):
        batch = make_batch()
        body = {"batch_id": value, "scans": [{"uuid": str(uuid4()), "text": "1"}]}

        answer = post(client_of(batch), SCANS, body)

        expected = {"error": "Batch not found", "code": "batch_not_found"}
        assert (answer.status_code, answer.json()) == (404, expected)

    def test_does_not_know_the_batch_of_another_organization(self):
        answer = scans(client_for(OrganizationFactory()), make_batch(), 1)

        assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")
        assert not ScanItem.objects.exists()

    def test_refuses_a_viewer(self):
        batch = make_batch()

        answer = scans(client_of(batch, Role.VIEWER), batch, 1)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    @pytest.mark.parametrize(
        ("scans", "error"),
        [
            (None, "Missing required fields: batch_id, scans"),
            ("x", "scans must be an array of objects"),
            ({}, "scans must be an array of objects"),
            ([{"uuid": str(uuid4()), "text": "1"}] * 201, "scans has over 200 entries"),
            (["x"], "scans.0: Invalid data. Expected a dictionary, but got str."),
            ([{"text": "1"}], "scans.0.uuid: This field is required."),
            ([{"uuid": "x", "text": "1"}], "scans.0.uuid: Must be a valid UUID."),
            ([{"uuid": str(uuid4()), "text": []}], "scans.0.text: Not a valid string."),
            (
                [{"uuid": str(uuid4()), "text": "1", "mode": "nonsense"}],
                'scans.0.mode: "nonsense" is not a valid choice.',
            ),
        ],
    )
    def test_refuses_a_list_that_is_none(self, scans, error):
        batch = make_batch()

        answer = post(client_of(batch), SCANS, {"batch_id": str(batch.pk), "scans": scans})

        assert answer.status_code == 400
        assert error in answer.json()["error"]
        assert not ScanItem.objects.exists()

    def test_refuses_a_zero_byte(self):
        batch = make_batch()

        answer = scans(client_of(batch), batch, "1\x00")

        assert (answer.status_code, answer.json()["error"]) == (
            400,
            "Invalid characters in request",
        )

    def test_takes_the_session_with_the_csrf_header_only(self):
        batch = make_batch()
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(organization=batch.organization))
        client.get("/scan/")
        client.get(f"/scan/b/{batch.pk}/pack/")
        token = client.cookies["csrftoken"].value
        body = {"batch_id": str(batch.pk), "scans": [{"uuid": str(uuid4()), "text": "1"}]}

        refused = post(client, SCANS, body)
        accepted = post(client, SCANS, body, headers={"X-CSRFToken": token})

        assert (refused.status_code, accepted.status_code) == (403, 200)


class TestUndo:
    def test_takes_the_last_unit_off_the_list(self):
        batch = make_batch()
        client = client_of(batch)
        scans(client, batch, 1, 2)

        answer = undo(client, batch)

        assert answer.json() == {
            "message": "Undone: #2 is off your list.",
            "unit_count": 1,
            "case": None,
            "event_id": None,
        }

    def test_takes_the_units_of_the_last_event_out(self):
        batch = make_batch()
        client = client_of(batch)
        scans(client, batch, 1, case_of(batch, 1).master_code)

        body = undo(client, batch).json()

        assert body["message"] == "Undone: 1 unit taken out of Case #1."
        assert body["case"]["actual_units"] == 0
        assert sequences_in(batch, 1) == []

    def test_leaves_alone_what_others_did(self):
        batch = make_batch()
        scans(client_of(batch), batch, 1, case_of(batch, 1).master_code)

        answer = undo(client_of(batch), batch)

        expected = {"error": "Nothing to undo", "code": "nothing_to_undo"}
        assert (answer.status_code, answer.json()) == (409, expected)
        assert sequences_in(batch, 1) == [1]

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_batch(self, value):
        answer = post(client_of(make_batch()), UNDO, {"batch_id": value})

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_does_not_know_the_batch_of_another_organization(self):
        assert undo(client_for(OrganizationFactory()), make_batch()).status_code == 404

    def test_misses_the_batch(self):
        answer = post(client_of(make_batch()), UNDO, {})

        error = "Missing required fields: batch_id"
        assert (answer.status_code, answer.json()["error"]) == (400, error)
