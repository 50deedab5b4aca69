import threading

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Role
from qrtracking.models import (
    MasterCode,
    PreparedCode,
    ReverseJob,
    ScanEvent,
    UnitCode,
)
from tests.accounts.factories import UserFactory, bearer, make_member
from tests.qrtracking.api import (
    LINK,
    NO_IDS,
    assert_error,
    client_of,
    ids_of,
    link,
    make_batch,
    post,
    prepare,
)

pytestmark = pytest.mark.django_db

MISSING = "Missing required fields: batch_id, order_id, master_code, manufacturer_org_id"
NOT_FOUND = "Master code not found or not part of this batch"
EMPTY = "No prepared codes available in queue. Please submit a reverse job first."
TARGET = "target_units must be a whole number from 1 to 100000"


def snapshot():
    """All that a link may change."""
    return (
        list(UnitCode.objects.order_by("pk").values()),
        list(MasterCode.objects.order_by("pk").values()),
        list(PreparedCode.objects.order_by("pk").values()),
        ScanEvent.objects.count(),
    )


class TestLink:
    def test_packs_the_next_units_into_the_case(self):
        batch = make_batch()
        prepare(batch, exclude_codes=["2"])
        case = MasterCode.objects.get(batch=batch, case_number=1)

        answer = link(client_of(batch), batch, master_code=case.master_code)

        codes = list(
            UnitCode.objects.filter(master_code=case)
            .order_by("sequence_number")
            .values_list("code", flat=True)
        )
        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "master_code_info": {
                "master_code": case.master_code,
                "case_number": 1,
                "expected_units": 10,
                "actual_units": 10,
                "id": str(case.pk),
                "status": "packed",
                "remaining_capacity": 0,
                "is_complete": True,
                "variant_name": "Mint",
            },
            "linked_codes": codes,
            "linked_count": 10,
            "consumed_count": 10,
            "from_queue": True,
            "skipped_variant_codes": [],
            "unused_codes": [],
            "target_units": 10,
            "event_id": str(ScanEvent.objects.get().pk),
            "message": "Successfully linked 10 codes to Case #1",
        }

    def test_tells_the_units_in_the_case_after_a_partial_link(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        link(client, batch, target_units=4)

        answer = link(client, batch, target_units=3).json()

        info = answer["master_code_info"]
        assert (answer["linked_count"], answer["target_units"]) == (3, 3)
        assert (info["actual_units"], info["remaining_capacity"]) == (7, 3)
        assert (info["status"], info["is_complete"]) == ("generated", False)

    @pytest.mark.parametrize("form", ["{}", " {}\r", "https://x.test/track/master/{}?a=1"])
    def test_takes_a_label_in_every_form(self, form):
        batch = make_batch()
        prepare(batch)
        code = MasterCode.objects.get(batch=batch, case_number=2).master_code

        answer = link(client_of(batch), batch, master_code=form.format(code.lower()))

        assert answer.json()["master_code_info"]["case_number"] == 2

    def test_takes_a_case_number(self):
        batch = make_batch()
        prepare(batch)

        answer = link(client_of(batch), batch, master_code="case: 2")

        assert answer.json()["master_code_info"]["case_number"] == 2

    @pytest.mark.parametrize("value", [None, 0, "absent"])
    def test_asks_for_the_size_of_the_case_without_a_target(self, value):
        batch = make_batch()
        prepare(batch)
        changes = {} if value == "absent" else {"target_units": value}

        assert link(client_of(batch), batch, **changes).json()["target_units"] == 10

    def test_takes_the_actor_from_the_token_and_ignores_user_id(self):
        batch = make_batch()
        prepare(batch)
        member = make_member(organization=batch.organization)

        link(Client(headers=bearer(member)), batch, user_id={"any": "thing"})

        assert ScanEvent.objects.get().actor == member

    def test_takes_only_units_planned_for_the_case(self):
        batch = make_batch()
        prepare(batch)

        answer = link(client_of(batch), batch, master_code="CASE:2", same_case=True).json()

        first = UnitCode.objects.get(batch=batch, sequence_number=11)
        assert answer["linked_codes"][0] == first.code

    def test_lists_rows_that_were_stale(self):
        batch = make_batch()
        prepare(batch)
        spoiled = UnitCode.objects.get(batch=batch, sequence_number=1)
        UnitCode.objects.filter(pk=spoiled.pk).update(status="spoiled")

        answer = link(client_of(batch), batch).json()

        assert answer["unused_codes"] == [spoiled.code]
        assert answer["linked_count"] == 10

    def test_lists_units_of_other_variants_that_stay(self):
        batch = make_batch(variants={"JAS": 10, "MINT": 10})
        prepare(batch)

        answer = link(client_of(batch), batch, master_code="CASE:2").json()

        assert len(answer["skipped_variant_codes"]) == 10
        assert answer["master_code_info"]["variant_name"] == "Mint"

    def test_is_reached_under_its_function_name(self):
        batch = make_batch()
        prepare(batch)
        body = ids_of(batch) | {"master_code": "CASE:1"}

        answer = post(client_of(batch), "/functions/v1/link-to-master-from-queue", body)

        assert answer.json()["linked_count"] == 10


class TestOrderOfChecks:
    """Each request is wrong in what is checked later as well, and changes nothing."""

    def test_refuses_the_anonymous_first(self):
        assert_error(Client().post(LINK, "{", content_type="application/json"), 401, "Unauthorized")

    def test_refuses_a_viewer(self):
        batch = make_batch()

        answer = link(client_of(batch, Role.VIEWER), batch)

        assert_error(answer, 403, "Your role does not allow this action")

    @pytest.mark.parametrize("name", ["batch_id", "order_id", "master_code", "manufacturer_org_id"])
    @pytest.mark.parametrize("value", [None, "", "absent"])
    def test_then_misses_fields(self, name, value):
        names = ("batch_id", "order_id", "master_code", "manufacturer_org_id")
        body = dict.fromkeys(names, "nonsense") | {name: value, "target_units": "x"}
        if value == "absent":
            del body[name]

        answer = post(Client(headers=bearer(make_member())), LINK, body)

        assert_error(answer, 400, MISSING)

    @pytest.mark.parametrize("value", NO_IDS)
    def test_then_refuses_another_organization(self, value):
        batch = make_batch()

        answer = link(client_of(batch), batch, manufacturer_org_id=value, master_code="x")

        assert_error(answer, 403, "User does not belong to manufacturer organization")

    def test_refuses_people_without_an_organization(self):
        client = Client()
        client.force_login(UserFactory())

        answer = link(client, make_batch())

        assert_error(answer, 403, "User does not belong to manufacturer organization")

    @pytest.mark.parametrize(
        "value",
        [
            "nonsense",
            "7",
            "CASE:0",
            "CASE:99",
            "CASE:999999999",
            "   ",
            "\U0001f600",
            "%",
            "MASTER-%",
            "x" * 100_000,
            42,
            ["CASE:1"],
            {"code": "CASE:1"},
            True,
        ],
    )
    def test_then_misses_the_case(self, value):
        batch = make_batch()
        prepare(batch)
        before = snapshot()

        answer = link(client_of(batch), batch, master_code=value, target_units="x")

        assert_error(answer, 404, NOT_FOUND, "master_code_not_found")
        assert snapshot() == before

    def test_takes_no_unit_label_for_a_case(self):
        batch = make_batch()
        prepare(batch)
        unit = UnitCode.objects.filter(batch=batch).first()

        answer = link(client_of(batch), batch, master_code=unit.code)

        assert_error(answer, 404, NOT_FOUND)

    @pytest.mark.parametrize("value", NO_IDS)
    def test_misses_the_case_in_another_batch(self, value):
        batch = make_batch()
        case = MasterCode.objects.get(batch=batch, case_number=1)

        answer = link(
            client_of(batch), batch, master_code=case.master_code, batch_id=value, target_units=-1
        )

        assert_error(answer, 404, NOT_FOUND)

    def test_does_not_know_the_case_of_another_organization(self):
        own, foreign = make_batch(), make_batch()
        prepare(foreign)
        case = MasterCode.objects.get(batch=foreign, case_number=1)
        before = snapshot()

        ours = link(client_of(own), own, master_code=case.master_code)
        theirs = link(
            client_of(own),
            own,
            master_code=case.master_code,
            batch_id=str(foreign.pk),
            order_id=str(foreign.order_id),
        )

        assert_error(ours, 404, NOT_FOUND)
        assert_error(theirs, 404, NOT_FOUND)
        assert snapshot() == before

    @pytest.mark.parametrize("value", NO_IDS)
    def test_then_refuses_another_order(self, value):
        batch = make_batch()

        answer = link(client_of(batch), batch, order_id=value, target_units=-1)

        assert_error(answer, 400, "Master code does not belong to this order")

    def test_refuses_the_case_of_another_order(self):
        batch = make_batch()
        other = make_batch(organization=batch.organization)
        case = MasterCode.objects.get(batch=other, case_number=1)

        answer = link(client_of(batch), batch, master_code=case.master_code, batch_id=str(other.pk))

        assert_error(answer, 400, "Master code does not belong to this order")

    @pytest.mark.parametrize(
        "value", [-1, "abc", "5", 1.5, True, False, 1e9, 100_001, 10**30, [], {}, ""]
    )
    def test_then_refuses_what_is_no_number_of_units(self, value):
        batch = make_batch()
        prepare(batch)
        before = snapshot()
        batch.status = "completed"
        batch.save()

        answer = link(client_of(batch), batch, target_units=value)

        assert_error(answer, 400, TARGET)
        assert snapshot() == before

    @pytest.mark.parametrize(
        "status", ["pending", "queued", "processing", "completed", "failed", "cancelled"]
    )
    def test_then_refuses_a_batch_that_is_not_ready(self, status):
        batch = make_batch()
        batch.status = status
        batch.save()
        MasterCode.objects.filter(batch=batch).update(status="opened")

        answer = link(client_of(batch), batch)

        assert_error(answer, 409, f"Batch is not ready for packing ({status})", "batch_state")

    @pytest.mark.parametrize(
        "status", ["received_warehouse", "warehouse_packed", "shipped_distributor", "opened"]
    )
    def test_then_refuses_a_locked_order(self, status):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        link(client, batch)
        MasterCode.objects.filter(batch=batch, case_number=2).update(status=status)
        before = snapshot()

        answer = link(client, batch)

        assert_error(
            answer,
            409,
            "Warehouse intake has begun for this order. Scanning and linking are disabled.",
            "order_locked",
        )
        assert snapshot() == before

    def test_then_refuses_a_full_case(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        link(client, batch)
        before = snapshot()

        answer = link(client, batch)

        text = "This master case is already full. Please link remaining codes to another case."
        assert_error(answer, 409, text, "case_full")
        assert snapshot() == before

    def test_then_misses_units_in_the_queue(self):
        batch = make_batch()

        assert_error(link(client_of(batch), batch), 400, EMPTY, "queue_empty")

    def test_tells_when_the_queue_holds_other_variants(self):
        batch = make_batch(variants={"JAS": 10, "MINT": 10})
        jasmine = batch.order.items.get(variant__variant_code="JAS").variant
        prepare(batch, filter_variant_id=str(jasmine.pk))

        answer = link(client_of(batch), batch, master_code="CASE:2")

        assert_error(answer, 400, EMPTY, "queue_other_variants")
        assert answer.json()["other_variants"] == {"JAS": 10}

    def test_tells_when_the_queue_holds_units_of_other_cases(self):
        batch = make_batch()
        prepare(batch, filter_case_numbers=[2])

        answer = link(client_of(batch), batch, same_case=True)

        assert_error(answer, 400, EMPTY, "queue_other_cases")

    def test_refuses_another_type_for_same_case(self):
        batch = make_batch()

        answer = link(client_of(batch), batch, same_case="yes")

        assert_error(answer, 400, "same_case must be true or false")

    def test_links_no_rows_of_a_cancelled_job(self):
        batch = make_batch()
        job = prepare(batch)
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled")

        assert_error(link(client_of(batch), batch), 400, EMPTY, "queue_empty")


class TestBody:
    @pytest.mark.parametrize(
        ("raw", "error"),
        [
            ("", "Invalid JSON body"),
            ("{", "Invalid JSON body"),
            ("[]", "Request body must be a JSON object"),
            ('"x"', "Request body must be a JSON object"),
            ("{}", MISSING),
            ('{"master_code": "\\u0000"}', "Invalid characters in request"),
        ],
    )
    def test_is_refused_with_a_reason(self, raw, error):
        client = Client(headers=bearer(make_member()))

        assert_error(client.post(LINK, raw, content_type="application/json"), 400, error)

    def test_must_be_json(self):
        client = Client(headers=bearer(make_member()))

        answer = client.post(LINK, "{}", content_type="text/plain")

        assert_error(answer, 415, "Content-Type must be application/json")


class TestSession:
    def test_links_without_a_csrf_header(self):
        batch = make_batch()
        prepare(batch)
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(organization=batch.organization))

        own = link(client, batch, target_units=1)
        foreign = post(
            client,
            LINK,
            ids_of(batch) | {"master_code": "CASE:1"},
            headers={"Origin": "https://evil.example"},
        )

        assert (own.status_code, foreign.status_code) == (200, 403)
        assert ScanEvent.objects.count() == 1


class TestIdempotencyKey:
    def test_repeats_the_stored_answer(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        body = ids_of(batch) | {"master_code": "CASE:1", "target_units": 3}

        first = post(client, LINK, body, headers={"Idempotency-Key": "scan-1"})
        again = post(client, LINK, body, headers={"Idempotency-Key": "scan-1"})

        assert again.json() == first.json()
        assert again.headers["Idempotent-Replayed"] == "true"
        assert MasterCode.objects.get(batch=batch, case_number=1).actual_unit_count == 3

    def test_refuses_another_body(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        body = ids_of(batch) | {"master_code": "CASE:1", "target_units": 3}

        post(client, LINK, body, headers={"Idempotency-Key": "scan-1"})
        answer = post(
            client, LINK, body | {"target_units": 4}, headers={"Idempotency-Key": "scan-1"}
        )

        assert answer.status_code == 422
        assert MasterCode.objects.get(batch=batch, case_number=1).actual_unit_count == 3


def at_the_same_time(count, call):
    """Run `call(number)` in so many threads that start together; their results in order."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number):
        try:
            barrier.wait()
            results[number] = call(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def test_two_scans_of_one_label_fill_the_case_once(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)

        answers = at_the_same_time(2, lambda _: link(client, batch))

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert UnitCode.objects.filter(master_code__case_number=1).count() == 10

    def test_links_of_two_cases_take_disjoint_units(self):
        batch = make_batch()
        prepare(batch, exclude_codes=["16-20"])
        client = client_of(batch)

        first, second = (
            answer.json()
            for answer in at_the_same_time(
                2, lambda number: link(client, batch, master_code=f"CASE:{number + 1}")
            )
        )

        codes = [*first["linked_codes"], *second["linked_codes"]]
        assert len(codes) == len(set(codes)) == 15

    def test_one_key_has_one_effect(self):
        batch = make_batch()
        prepare(batch)
        client = client_of(batch)
        body = ids_of(batch) | {"master_code": "CASE:1", "target_units": 3}

        answers = at_the_same_time(
            4, lambda _: post(client, LINK, body, headers={"Idempotency-Key": "scan-1"})
        )

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert ScanEvent.objects.count() == 1
        assert UnitCode.objects.filter(master_code__case_number=1).count() == 3
