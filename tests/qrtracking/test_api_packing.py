import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import MasterCode, ScanEvent, UnitCode
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import (
    NO_IDS,
    NOBODY,
    assert_error,
    client_for,
    client_of,
    make_batch,
    post,
)
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db

ROOT = "/api/manufacturer"
PACK = f"{ROOT}/link-to-master"
PERFECT = f"{ROOT}/mark-case-perfect"
CHECK = f"{ROOT}/check-master-codes"
UNLINK = f"{ROOT}/unlink-master"
COMPLETE = f"{ROOT}/complete-production"
ROLE = "Your role does not allow this action"
LOCKED = "Warehouse intake has begun for this order. Scanning and linking are disabled."
FULL = "This master case is already full. Please link remaining codes to another case."
NO_MASTER = "Master code not found in system"


def codes_of(batch, first, last):
    units = UnitCode.objects.filter(batch=batch, sequence_number__range=(first, last))
    return list(units.order_by("sequence_number").values_list("code", flat=True))


def label_of(batch, number=1):
    return case_of(batch, number).master_code


def pack(client, batch, number=1, **changes):
    body = {"master_code": label_of(batch, number), "unique_codes": codes_of(batch, 1, 10)}
    return post(client, PACK, body | changes)


def perfect(client, batch, number=1, **changes):
    return post(client, PERFECT, {"master_code": label_of(batch, number)} | changes)


def lock(batch):
    MasterCode.objects.filter(batch=batch, case_number=2).update(status="received_warehouse")


class TestPack:
    def test_packs_the_units_into_the_case(self):
        batch = make_batch()

        answer = pack(client_of(batch), batch)

        body = answer.json()
        case = case_of(batch, 1)
        assert answer.status_code == 200
        assert body.pop("performance").keys() == {"processing_time_ms", "codes_per_second"}
        assert body == {
            "success": True,
            "linked_count": 10,
            "remaining_capacity": 0,
            "master_code_info": {
                "id": str(case.pk),
                "master_code": case.master_code,
                "case_number": 1,
                "expected_units": 10,
                "actual_units": 10,
                "linked_this_session": 10,
                "is_complete": True,
                "variant_name": "Mint",
                "warehouse_org_id": None,
            },
            "linked_codes": codes_of(batch, 1, 10),
            "unused_codes": [],
            "order_info": {
                "order_id": str(batch.order_id),
                "order_no": batch.order.order_no,
                "buyer_org_id": None,
                "seller_org_id": str(batch.organization_id),
                "warehouse_org_id": None,
                "company_id": str(batch.organization_id),
            },
        }

    def test_tells_what_was_filtered_out(self):
        batch = make_batch(variants={"JAS": 10, "MINT": 10})
        jas, mint, planned = codes_of(batch, 1, 1), codes_of(batch, 11, 12), ["nope"]

        body = pack(client_of(batch), batch, unique_codes=jas + mint + planned).json()

        assert body["linked_codes"] == jas
        assert body["skipped_variant_codes"] == mint
        assert (body["skipped_variant_count"], body["variant_filter_applied"]) == (2, True)
        assert (body["skipped_variant_summary"], body["target_variant"]) == ({"Mint": 2}, "Jas")
        assert body["filtering_summary"] == {
            "total_submitted": 4,
            "successfully_linked": 1,
            "not_found": 1,
            "already_linked": 0,
            "wrong_batch": 0,
            "wrong_variant": 2,
            "wrong_sequence": 0,
            "not_available": 0,
            "unused_capacity": 0,
        }
        assert body["filtered_codes_detail"] == {
            "not_found_codes": ["nope"],
            "already_linked_count": 0,
            "wrong_batch_summary": {},
            "wrong_variant_count": 2,
            "wrong_sequence_count": 0,
        }
        note = "Successfully linked 1 of 4 codes. Filtered out: 1 not found, 2 wrong variant."
        assert body["processing_note"] == note

    def test_counts_a_long_list_of_unknown_codes(self):
        batch = make_batch()
        unknown = [f"nope{number}" for number in range(12)]

        body = pack(client_of(batch), batch, unique_codes=codes_of(batch, 1, 1) + unknown).json()

        assert body["filtered_codes_detail"]["not_found_codes"] == "12 codes"

    def test_takes_units_planned_for_other_cases_only_when_told(self):
        batch = make_batch()
        client = client_of(batch)
        codes = codes_of(batch, 11, 12)

        refused = pack(client, batch, unique_codes=codes)
        packed = pack(client, batch, unique_codes=codes, skip_case_validation=True)

        error = "No codes match Case #1 sequence range (1-10). Found sequences: 11, 12"
        assert_error(refused, 400, error)
        assert packed.json()["linked_count"] == 2

    def test_packs_once_for_one_key(self):
        batch = make_batch()
        client = client_of(batch)
        key = {"headers": {"Idempotency-Key": "one"}}
        body = {"master_code": label_of(batch), "unique_codes": codes_of(batch, 1, 10)}

        first = post(client, PACK, body, **key)
        again = post(client, PACK, body, **key)

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert ScanEvent.objects.count() == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"master_code": None},
            {"master_code": ""},
            {"master_code": 7},
            {"unique_codes": None},
            {"unique_codes": []},
            {"unique_codes": "abc"},
        ],
    )
    def test_misses_fields(self, changes):
        batch = make_batch()

        answer = pack(client_of(batch), batch, **changes)

        assert_error(answer, 400, "Master code and unique codes array are required")

    def test_takes_only_texts_as_codes(self):
        batch = make_batch()

        answer = pack(client_of(batch), batch, unique_codes=["x", 1])

        assert_error(answer, 400, "unique_codes must be an array of strings")

    @pytest.mark.parametrize("value", NO_IDS)
    def test_refuses_another_organization(self, value):
        batch = make_batch()

        answer = pack(client_of(batch), batch, manufacturer_org_id=value)

        assert_error(answer, 403, "User does not belong to manufacturer organization")

    def test_does_not_know_the_case_of_another_organization(self):
        batch = make_batch()

        answer = pack(client_for(OrganizationFactory()), batch)

        assert_error(answer, 404, NO_MASTER)
        assert not ScanEvent.objects.exists()

    def test_refuses_a_full_case(self):
        batch = make_batch()
        client = client_of(batch)
        pack(client, batch)

        assert_error(pack(client, batch), 409, FULL, "case_full")

    def test_refuses_a_locked_order_and_a_completed_batch(self):
        batch = make_batch()
        lock(batch)
        client = client_of(batch)

        assert_error(pack(client, batch), 409, LOCKED, "order_locked")
        batch.status = "completed"
        batch.save()
        error = "Batch is not ready for packing (completed)"
        assert_error(pack(client, batch), 409, error, "batch_state")

    def test_tells_why_nothing_was_linked(self):
        batch = make_batch()

        answer = pack(client_of(batch), batch, unique_codes=["a", "b"])

        error = "No valid codes available to link. 2 code(s) not found in database."
        assert_error(answer, 400, error)
        assert (answer.json()["not_found_count"], answer.json()["total_submitted"]) == (2, 2)


class TestPerfect:
    def test_packs_all_planned_units(self):
        batch = make_batch()

        answer = perfect(client_of(batch), batch, order_id=str(batch.order_id))

        body = answer.json()
        assert list(body) == [
            "success",
            "performance",
            "message",
            "linked_count",
            "master_code_info",
            "case_info",
            "order_info",
        ]
        assert body["message"] == "Case #1 marked perfect! All 10 codes linked automatically."
        assert (body["linked_count"], body["master_code_info"]["status"]) == (10, "packed")
        info = {"case_number": 1, "is_mixed_case": False, "unique_products": 1}
        assert body["case_info"] == info

    def test_is_calm_about_a_full_case(self):
        batch = make_batch()
        client = client_of(batch)
        perfect(client, batch)

        body = perfect(client, batch).json()

        assert (body["success"], body["already_complete"]) == (True, True)
        assert body["message"] == "Case already marked perfect"

    def test_refuses_a_case_that_workers_have_begun(self):
        batch = make_batch()
        client = client_of(batch)
        pack(client, batch, unique_codes=codes_of(batch, 1, 4))

        answer = perfect(client, batch)

        assert_error(answer, 400, "WORKER_PROCESSED", "worker_processed")
        assert (answer.json()["worker_scanned_count"], answer.json()["total_codes"]) == (4, 10)
        assert perfect(client, batch, force=True).json()["linked_count"] == 6

    def test_refuses_the_case_of_another_order(self):
        batch = make_batch()
        other = make_batch(organization=batch.organization)

        answer = perfect(client_of(batch), batch, order_id=str(other.order_id))

        assert_error(answer, 400, "WRONG_ORDER", "wrong_order")
        assert batch.order.order_no in answer.json()["message"]

    @pytest.mark.parametrize("value", [None, "", "absent"])
    def test_misses_the_code(self, value):
        body = {} if value == "absent" else {"master_code": value}

        answer = post(client_of(make_batch()), PERFECT, body)

        assert_error(answer, 400, "Master code is required")

    @pytest.mark.parametrize("value", ["nonsense", 42, ["x"]])
    def test_does_not_know_a_made_up_case(self, value):
        answer = post(client_of(make_batch()), PERFECT, {"master_code": value})

        assert answer.status_code in {400, 404}

    def test_refuses_a_locked_order(self):
        batch = make_batch()
        lock(batch)

        assert_error(perfect(client_of(batch), batch), 409, LOCKED, "order_locked")


class TestCheck:
    def test_sorts_the_labels(self):
        batch = make_batch()
        pack(client_of(batch), batch)
        full, empty = label_of(batch, 1), label_of(batch, 2)

        answer = post(
            client_of(batch, Role.VIEWER), CHECK, {"master_codes": [full, empty, "zzz", full]}
        )

        assert answer.json() == {
            "success": True,
            "total_checked": 3,
            "already_complete": [full],
            "not_found": ["zzz"],
            "available": [empty],
        }

    @pytest.mark.parametrize("value", [None, [], "x", [1], {}])
    def test_needs_a_list_of_texts(self, value):
        answer = post(client_of(make_batch()), CHECK, {"master_codes": value})

        assert_error(answer, 400, "master_codes array is required")

    def test_takes_no_more_than_2000(self):
        answer = post(
            client_of(make_batch()), CHECK, {"master_codes": [str(n) for n in range(2001)]}
        )

        assert_error(answer, 400, "master_codes has over 2000 entries")

    def test_does_not_know_the_cases_of_others(self):
        label = label_of(make_batch())

        answer = post(client_for(OrganizationFactory()), CHECK, {"master_codes": [label]})

        assert answer.json()["not_found"] == [label]


class TestUnlink:
    def unlink(self, batch, role=Role.MANAGER, **changes):
        body = {"master_code_id": str(case_of(batch, 1).pk)} | changes
        return post(client_of(batch, role), UNLINK, body)

    def test_takes_the_units_out(self):
        batch = make_batch()
        pack(client_of(batch), batch)

        answer = self.unlink(batch)

        assert answer.json() == {
            "success": True,
            "message": "Successfully unlinked 10 codes from master case #1",
            "unlinked_count": 10,
            "master_case_number": 1,
        }
        assert case_of(batch, 1).actual_unit_count == 0

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, role):
        assert_error(self.unlink(make_batch(), role), 403, ROLE)

    def test_misses_the_id(self):
        assert_error(
            self.unlink(make_batch(), master_code_id=""), 400, "Master code ID is required"
        )

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_id(self, value):
        answer = self.unlink(make_batch(), master_code_id=value)

        assert_error(answer, 404, "Master code not found")

    def test_does_not_know_the_case_of_others(self):
        foreign = case_of(make_batch(), 1)

        answer = self.unlink(make_batch(), master_code_id=str(foreign.pk))

        assert_error(answer, 404, "Master code not found")

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (
                "received_warehouse",
                "Cannot unlink. Master case already processed by warehouse (received_warehouse).",
            ),
            (
                "ready_to_ship",
                "Cannot unlink. Production is already completed (ready_to_ship).",
            ),
        ],
    )
    def test_refuses_a_case_that_has_moved_on(self, status, error):
        batch = make_batch()
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        assert_error(self.unlink(batch), 409, error)


class TestComplete:
    def complete(self, batch, role=Role.MANAGER, **changes):
        return post(client_of(batch, role), COMPLETE, {"batch_id": str(batch.pk)} | changes)

    def ready(self):
        warehouse = OrganizationFactory(kind="warehouse")
        batch = make_batch(warehouse_org=warehouse)
        perfect(client_of(batch), batch)
        return batch

    def test_ends_production(self):
        batch = self.ready()
        perfect(client_of(batch), batch, 2)

        body = self.complete(batch).json()

        assert body.pop("production_completed_at")
        assert body == {
            "success": True,
            "message": "Production completed successfully. "
            "Batch is now ready for warehouse shipment.",
            "batchId": str(batch.pk),
            "order_no": batch.order.order_no,
            "warehouseOrgId": str(batch.order.warehouse_org_id),
            "casesUpdated": 2,
            "total_master_codes": 2,
            "packed_master_codes": 2,
            "progress_percentage": 100,
            "balance_payment_created": False,
            "balance_document_no": None,
        }

    def test_lists_the_cases_that_are_missing(self):
        answer = self.complete(self.ready())

        assert_error(answer, 409, "Batch is not complete: 1 of 2 cases are packed.")
        assert answer.json()["unpacked_case_numbers"] == [2]

    def test_takes_an_incomplete_batch_with_a_reason_only(self):
        batch = self.ready()

        refused = self.complete(batch, allow_incomplete=True)
        accepted = self.complete(batch, allow_incomplete=True, reason="Order was cut")

        assert refused.status_code == 400
        assert accepted.json()["progress_percentage"] == 50

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_is_for_managers(self, role):
        assert_error(self.complete(make_batch(), role), 403, ROLE)

    def test_misses_the_id(self):
        assert_error(self.complete(make_batch(), batch_id=None), 400, "batch_id is required")

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_id(self, value):
        assert_error(self.complete(make_batch(), batch_id=value), 404, "Batch not found")

    def test_needs_a_destination(self):
        error = "Order has no destination warehouse assigned. Cannot complete production."
        assert_error(self.complete(make_batch()), 400, error)

    def test_needs_a_batch_in_production(self):
        batch = make_batch(warehouse_org=OrganizationFactory(kind="warehouse"))

        error = "Batch must be in production or printing status. Current status: generated"
        assert_error(self.complete(batch), 400, error)


class TestAllOfThem:
    @pytest.mark.parametrize("path", [PACK, PERFECT, CHECK, UNLINK, COMPLETE])
    def test_refuse_the_anonymous_and_garbage(self, path):
        client = client_of(make_batch(), Role.MANAGER)

        assert_error(post(Client(), path, "{"), 401, "Unauthorized")
        assert_error(post(client, path), 400, "Invalid JSON body")
        assert_error(post(client, path, []), 400, "Request body must be a JSON object")
        assert_error(client.get(path), 405, "Method not allowed")

    @pytest.mark.parametrize("path", [PACK, PERFECT, CHECK, UNLINK, COMPLETE])
    def test_are_reached_under_their_function_names(self, path):
        answer = post(Client(), path.replace(ROOT, "/functions/v1"), {})

        assert_error(answer, 401, "Unauthorized")

    @pytest.mark.parametrize("path", [PACK, PERFECT])
    def test_that_pack_refuse_a_viewer(self, path):
        body = {"master_code": NOBODY, "unique_codes": ["1"]}

        assert_error(post(client_of(make_batch(), Role.VIEWER), path, body), 403, ROLE)
