import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from qrtracking.models import MasterCode, UnitCode
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.qrtracking.api import (
    NO_IDS,
    NOBODY,
    assert_error,
    client_for,
    client_of,
    make_batch,
    post,
)
from tests.qrtracking.factories import BatchFactory, make_generated_batch
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db

PROGRESS = "/api/manufacturer/batch-progress"
HISTORY = "/api/manufacturer/scan-history"
UNIT = "/api/manufacturer/scan-unique"
PACK = "/api/manufacturer/link-to-master"

B = [
    "batch_id",
    "batch_code",
    "batch_status",
    "order_id",
    "order_no",
    "display_doc_no",
    "buyer_org_name",
    "total_master_codes",
    "packed_master_codes",
    "total_unique_codes",
    "planned_unique_codes",
    "total_unique_with_buffer",
    "packed_unique_codes",
    "actual_packed_unique_codes",
    "total_buffer_codes",
    "used_buffer_codes",
    "available_buffer_codes",
    "master_progress_percentage",
    "unique_progress_percentage",
    "overall_progress_percentage",
    "warehouse_started",
    "warehouse_received_cases",
    "is_complete",
    "latest_scans",
    "created_at",
    "updated_at",
    "case_details",
    "packed_case_numbers",
    "partial_case_numbers",
    "empty_case_numbers",
]


def progress_of(batch, client=None):
    return (client or client_of(batch)).get(f"/api/qr/batches/{batch.pk}/progress")


def pack(batch, number, count):
    """As linking leaves the case: its units are counted in it."""
    case = MasterCode.objects.filter(batch=batch, case_number=number)
    case.update(actual_unit_count=count)


def scan(batch, number, sequences, client=None):
    units = UnitCode.objects.filter(batch=batch, sequence_number__in=sequences)
    body = {
        "master_code": case_of(batch, number).master_code,
        "unique_codes": list(units.values_list("code", flat=True)),
    }
    answer = post(client or client_of(batch), PACK, body)
    assert answer.status_code == 200, answer.content


class TestBatchProgress:
    def test_gives_worked_example_13(self):
        batch = make_generated_batch()
        for number, count in ((1, 100), (2, 100), (3, 100), (4, 40)):
            pack(batch, number, count)

        body = progress_of(batch).json()

        assert list(body) == B
        assert (body["master_progress_percentage"], body["unique_progress_percentage"]) == (30, 34)
        assert body["overall_progress_percentage"] == 32
        assert (body["total_master_codes"], body["packed_master_codes"]) == (10, 3)
        assert (body["total_unique_codes"], body["total_unique_with_buffer"]) == (1000, 1100)
        assert (body["packed_unique_codes"], body["actual_packed_unique_codes"]) == (340, 340)
        assert (body["packed_case_numbers"], body["partial_case_numbers"]) == ([1, 2, 3], [4])
        assert body["empty_case_numbers"] == [5, 6, 7, 8, 9, 10]
        assert body["case_details"][3] == {
            "case_number": 4,
            "expected_units": 100,
            "actual_units": 40,
            "status": "generated",
            "is_packed": False,
            "percentage": 40,
        }
        assert (body["is_complete"], body["warehouse_started"]) == (False, False)
        assert (body["buyer_org_name"], body["display_doc_no"]) == ("Unknown", "")

    def test_counts_spares_and_received_cases(self):
        batch = make_batch()
        spares = UnitCode.objects.filter(batch=batch, is_buffer=True).order_by("sequence_number")
        UnitCode.objects.filter(pk=spares[0].pk).update(status="spoiled")
        scan(batch, 1, [*range(1, 10), spares[1].sequence_number])
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="received_warehouse")

        body = progress_of(batch).json()

        names = ("total_buffer_codes", "used_buffer_codes", "available_buffer_codes")
        assert [body[name] for name in names] == [2, 1, 0]
        assert (body["warehouse_started"], body["warehouse_received_cases"]) == (True, 1)
        assert len(body["latest_scans"]) == 1

    def test_is_complete_with_all_cases(self):
        batch = make_batch()
        pack(batch, 1, 10)
        pack(batch, 2, 10)

        assert progress_of(batch).json()["is_complete"] is True

    def test_does_not_know_the_batch_of_others(self):
        batch = make_batch()

        answer = progress_of(batch, client_for(OrganizationFactory()))

        assert_error(answer, 404, "Batch not found")

    def test_refuses_the_anonymous(self):
        assert_error(progress_of(make_batch(), Client()), 401, "Unauthorized")

    def test_reads_many_cases_with_the_statements_of_few(self, django_assert_num_queries):
        few = make_generated_batch(units=10, per_case=1, spare_percent=0)
        many = make_generated_batch(
            units=1_000, per_case=1, spare_percent=0, organization=few.organization
        )
        client = client_of(few, Role.VIEWER)
        progress_of(few, client)
        with CaptureQueriesContext(connection) as asked:
            progress_of(few, client)

        with django_assert_num_queries(len(asked)):
            answer = progress_of(many, client)

        assert len(answer.json()["case_details"]) == 1_000


class TestProgress:
    def test_lists_the_batches_without_their_cases(self):
        batch = make_batch()
        pack(batch, 1, 10)
        pack(batch, 2, 10)
        newer = make_batch(organization=batch.organization)
        make_batch()

        body = client_of(batch, Role.VIEWER).get(PROGRESS).json()

        assert list(body) == ["success", "batches", "summary"]
        assert [row["batch_id"] for row in body["batches"]] == [str(newer.pk), str(batch.pk)]
        assert [row["case_details"] for row in body["batches"]] == [[], []]
        assert body["summary"] == {
            "total_orders": 2,
            "total_batches": 2,
            "total_batches_shown": 2,
            "complete_batches": 1,
            "in_progress_batches": 1,
        }

    @pytest.mark.parametrize("name", ["order_id", "batch_id"])
    def test_shows_the_cases_of_one(self, name):
        batch = make_batch()
        make_batch(organization=batch.organization)
        key = batch.pk if name == "batch_id" else batch.order_id

        body = client_of(batch).get(PROGRESS, {name: str(key)}).json()

        assert [row["batch_id"] for row in body["batches"]] == [str(batch.pk)]
        assert len(body["batches"][0]["case_details"]) == 2

    @pytest.mark.parametrize("name", ["order_id", "batch_id"])
    @pytest.mark.parametrize("value", ["nonsense", NOBODY, "' OR 1=1", "x" * 200])
    def test_shows_nothing_for_made_up_ids(self, name, value):
        body = client_of(make_batch()).get(PROGRESS, {name: value}).json()

        assert body["batches"] == []

    def test_refuses_another_manufacturer(self):
        batch = make_batch()
        client = client_of(batch)

        own = client.get(PROGRESS, {"manufacturer_id": str(batch.organization_id)})
        foreign = client.get(PROGRESS, {"manufacturer_id": NOBODY})

        assert own.status_code == 200
        assert_error(foreign, 403, "User does not belong to manufacturer organization")

    def test_shows_200_and_counts_all(self):
        organization = OrganizationFactory()
        BatchFactory.create_batch(203, order__organization=organization)

        body = client_for(organization).get(PROGRESS).json()

        summary = body["summary"]
        assert len(body["batches"]) == summary["total_batches_shown"] == 200
        assert summary["total_batches"] == summary["in_progress_batches"] == 203

    def test_takes_as_many_statements_for_many_batches(self, django_assert_max_num_queries):
        batch = make_batch()
        for _ in range(3):
            make_batch(organization=batch.organization)
        client = client_of(batch)

        with django_assert_max_num_queries(10):
            client.get(PROGRESS)


class TestHistory:
    def test_lists_the_scanned_cases_newest_first(self):
        batch = make_batch()
        client = client_of(batch)
        scan(batch, 1, range(1, 11), client)
        scan(batch, 2, range(11, 13), client)

        body = client.get(HISTORY, {"order_id": str(batch.order_id)}).json()

        assert (body["success"], body["count"]) == (True, 2)
        assert [row["case_number"] for row in body["history"]] == [2, 1]
        case = case_of(batch, 1)
        row = body["history"][1]
        assert row.pop("scanned_at")
        assert row.pop("scanned_by")
        assert row == {
            "id": str(case.pk),
            "master_code_id": str(case.pk),
            "master_code": case.master_code,
            "case_number": 1,
            "actual_unit_count": 10,
            "batch_code": batch.batch_code,
            "batch_id": str(batch.pk),
            "order_id": str(batch.order_id),
            "order_no": batch.order.order_no,
            "status": "packed",
        }

    def test_shows_nothing_of_others(self):
        batch = make_batch()
        scan(batch, 1, range(1, 11))

        foreign = client_for(OrganizationFactory()).get(HISTORY, {"order_id": batch.order_id})
        wrong = client_of(batch).get(HISTORY, {"order_id": "nonsense"})

        assert foreign.json()["history"] == wrong.json()["history"] == []

    @pytest.mark.parametrize(
        ("person", "status", "error"),
        [
            ({}, 404, "Profile not found"),
            ({"superuser": True}, 400, "Organization not assigned"),
        ],
    )
    def test_needs_an_organization(self, person, status, error):
        client = Client()
        client.force_login(UserFactory(**person))

        assert_error(client.get(HISTORY), status, error)


class TestScanUnique:
    def test_tells_what_a_unit_is(self):
        batch = make_batch()
        unit = UnitCode.objects.select_related("variant").get(batch=batch, sequence_number=3)

        answer = post(client_of(batch, Role.VIEWER), UNIT, {"qr_code": unit.code})

        assert answer.json() == {
            "success": True,
            "already_scanned": False,
            "product_info": {
                "id": str(unit.pk),
                "code": unit.code,
                "product_code": "TEA100",
                "product_name": "Green tea",
                "variant_code": "MINT",
                "variant_name": "Mint",
                "order_no": batch.order.order_no,
                "batch_code": batch.batch_code,
                "batch_id": str(batch.pk),
                "sequence_number": 3,
                "status": "generated",
            },
            "case_number": None,
            "planned_case_number": 1,
        }

    def test_tells_where_a_packed_unit_lies(self):
        batch = make_batch()
        scan(batch, 1, [3])
        code = UnitCode.objects.get(batch=batch, sequence_number=3).code

        body = post(
            client_of(batch), UNIT, {"qr_code": f"https://x.test/track/product/{code}"}
        ).json()

        assert (body["already_scanned"], body["case_number"]) == (True, 1)

    @pytest.mark.parametrize("body", [{}, {"qr_code": ""}, {"qr_code": None}])
    def test_needs_a_code(self, body):
        assert_error(post(client_of(make_batch()), UNIT, body), 400, "QR code is required")

    @pytest.mark.parametrize("value", [*NO_IDS, "15", "SEQ:3"])
    def test_does_not_know_a_made_up_code(self, value):
        answer = post(client_of(make_batch()), UNIT, {"qr_code": value})

        assert_error(answer, 404, "QR code not found in system")

    def test_knows_no_case_label_and_no_unit_of_others(self):
        batch = make_batch()
        code = UnitCode.objects.filter(batch=batch)[0].code
        label = case_of(batch, 1).master_code

        for client, text in ((client_for(OrganizationFactory()), code), (client_of(batch), label)):
            assert post(client, UNIT, {"qr_code": text}).status_code == 404

    @pytest.mark.parametrize("name", ["batch-progress", "scan-history", "scan-unique"])
    def test_all_are_reached_under_their_function_names(self, name):
        client = client_of(make_batch())
        address = f"/functions/v1/{name}"
        answer = post(client, address, {}) if name == "scan-unique" else client.get(address)

        assert answer.status_code in {200, 400}
