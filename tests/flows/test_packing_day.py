"""A batch from the order to the warehouse, over the API alone and with everything between."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, ScanEvent, UnitCode
from qrtracking.services.cleaning import keep_house
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import OrganizationFactory, bearer, make_member
from tests.qrtracking.factories import ProductFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db

MANUFACTURER, V1 = "/api/manufacturer", "/api/v1/qr"


class Person:
    """Somebody with a token, who is answered with what they expect."""

    def __init__(self, user: User) -> None:
        self.client = Client(headers=bearer(user))

    def post(self, path: str, body: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
        answer = self.client.post(path, body, "application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    def get(self, path: str) -> dict[str, Any]:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def manager_user() -> User:
    return make_member(Role.MANAGER)


@pytest.fixture
def manager(manager_user) -> Person:
    return Person(manager_user)


@pytest.fixture
def operator(manager_user) -> Person:
    return Person(make_member(Role.OPERATOR, organization=manager_user.organization))


@pytest.fixture
def batch(manager, manager_user) -> Batch:
    """60 MINT in 6 cases and 6 spares, ordered and generated."""
    product = ProductFactory(organization=manager_user.organization, product_code="TEA100")
    mint = ProductVariantFactory(product=product, variant_code="MINT")
    order = manager.post(
        f"{V1}/orders",
        {
            "items": [{"variant_id": str(mint.pk), "qty": 60}],
            "units_per_case": 10,
            "warehouse_org_id": str(OrganizationFactory(kind="warehouse").pk),
        },
        status=201,
    )
    made = manager.post(f"{V1}/batches", {"order_id": order["id"]}, status=202)
    run_due_jobs()
    return Batch.objects.get(pk=made["id"])


def ids(batch: Batch) -> dict[str, str]:
    return {
        "batch_id": str(batch.pk),
        "order_id": str(batch.order_id),
        "manufacturer_org_id": str(batch.organization_id),
    }


def case_of(batch: Batch, number: int) -> MasterCode:
    return MasterCode.objects.get(batch=batch, case_number=number)


def codes(batch: Batch, first: int, last: int) -> list[str]:
    units = UnitCode.objects.filter(batch=batch, sequence_number__range=(first, last))
    return list(units.order_by("sequence_number").values_list("code", flat=True))


def sequences_in(batch: Batch, number: int) -> list[int]:
    units = UnitCode.objects.filter(master_code=case_of(batch, number))
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


def print_labels(manager: Person, batch: Batch) -> None:
    body = {"batch_id": str(batch.pk), "kind": "case", "from": 1, "to": 6, "layout": "a4_8"}
    sheet = manager.post(f"{V1}/label-sheets", body, status=202)
    run_due_jobs()
    answer = manager.client.get(f"{V1}/label-sheets/{sheet['id']}/file")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def pack_by_plan(manager: Person, batch: Batch, number: int) -> None:
    units = f"{10 * number - 9}-{10 * number}"
    body = {"batch_id": str(batch.pk), "text": f"{case_of(batch, number).master_code},{units}"}
    plan = manager.post(f"{V1}/packing-plans", body, status=202)
    run_due_jobs()
    manager.post(f"{V1}/packing-plans/{plan['id']}/apply", {}, status=202)
    run_due_jobs()
    assert manager.get(f"{V1}/packing-plans/{plan['id']}")["packed_count"] == 10


def pack_the_rest(operator: Person, batch: Batch, *numbers: int, excludes: list[str]) -> None:
    body = ids(batch) | {"exclude_codes": excludes}
    job = operator.post(f"{MANUFACTURER}/reverse-job/submit", body)
    run_due_jobs()
    status = operator.get(f"{MANUFACTURER}/reverse-job/status?job_id={job['job_id']}")
    assert status["status"] == "completed"
    for number in numbers:
        label = {"master_code": case_of(batch, number).master_code}
        operator.post(f"{MANUFACTURER}/link-to-master-from-queue", ids(batch) | label)


def scan(operator: Person, batch: Batch, texts: list[str]) -> list[dict[str, Any]]:
    scans = [
        {"uuid": f"0190b6a0-0000-7000-8000-{place:012}", "text": text, "mode": "pack"}
        for place, text in enumerate(texts, ScanEvent.objects.count() * 1000)
    ]
    answer = operator.post(f"{V1}/scans", {"batch_id": str(batch.pk), "scans": scans})
    return answer["results"]


def replace(manager: Person, batch: Batch, sequence: int) -> str:
    body = {"batch_id": str(batch.pk), "spoiled": [str(sequence)]}
    (line,) = manager.post(f"{V1}/replacements", body)["results"]
    return line["outcome"]


def receive(manager: Person, batch: Batch, number: int) -> int:
    body = {"master_codes": [case_of(batch, number).master_code]}
    return len(manager.post(f"{V1}/cases/receive", body)["received"])


class TestPackingDay:
    def test_goes_from_the_order_to_the_warehouse(self, manager, operator, batch):
        assert batch.status == "generated"
        print_labels(manager, batch)
        assert Batch.objects.get().status == "printing"

        pack_by_plan(manager, batch, 1)
        # Case 4 is scanned by hand, and one unit is to be kept.
        pack_the_rest(operator, batch, 2, 3, excludes=["60", "31-40"])
        assert sequences_in(batch, 3) == [*range(21, 31)]

        scanned = [*codes(batch, 31, 40), case_of(batch, 4).master_code]
        assert scan(operator, batch, scanned)[-1]["outcome"] == "ok"
        operator.post(f"{V1}/undo", {"batch_id": str(batch.pk)})
        assert sequences_in(batch, 4) == []
        assert scan(operator, batch, scanned)[-1]["outcome"] == "ok"
        assert replace(manager, batch, 35) == "replaced"
        assert sequences_in(batch, 4) == [31, 32, 33, 34, 36, 37, 38, 39, 40, 61]

        perfect = {"master_code": case_of(batch, 5).master_code}
        assert operator.post(f"{MANUFACTURER}/mark-case-perfect", perfect)["linked_count"] == 10
        label = {"master_code": "CASE:6"}
        last = operator.post(f"{MANUFACTURER}/link-to-master-from-queue", ids(batch) | label)
        assert last["linked_count"] == 9
        reason = {"reason": "One is kept as a sample"}
        manager.post(f"{V1}/cases/{case_of(batch, 6).pk}/close-short", reason)

        progress = operator.get(f"/api/qr/batches/{batch.pk}/progress")
        assert (progress["packed_master_codes"], progress["master_progress_percentage"]) == (6, 100)
        manager.post(f"{MANUFACTURER}/complete-production", {"batch_id": str(batch.pk)})
        keep_house()
        units = UnitCode.objects.filter(batch=batch, status="ready_to_ship")
        assert units.count() == 58
        assert receive(manager, batch, 1) == 1
        operator.post(f"{MANUFACTURER}/reverse-job/submit", ids(batch), status=409)
        assert list_differences() == []

    def test_begins_again_after_a_cancelled_generation(self, manager, batch):
        """The failure: codes were made by mistake, and the order gets others."""
        order_id = str(batch.order_id)
        Batch.objects.filter(pk=batch.pk).update(status="queued", cursor={})
        manager.post(f"{V1}/batches/{batch.pk}/cancel", {})
        assert manager.get(f"{V1}/batches/{batch.pk}")["status"] == "cancelled"

        made = manager.post(
            f"{V1}/batches", {"order_id": order_id, "spare_percent": 50}, status=202
        )
        run_due_jobs()

        again = Batch.objects.get(pk=made["id"])
        assert (again.status, again.total_unique_codes) == ("generated", 90)
        assert manager.client.get(f"{V1}/batches/{batch.pk}").status_code == 404
        assert list_differences() == []

    def test_stops_a_plan_at_the_warehouse_lock_and_keeps_what_is_packed(
        self, manager, operator, batch
    ):
        pack_by_plan(manager, batch, 1)
        body = {"batch_id": str(batch.pk), "text": "2,11-20\n3,21-30"}
        plan = manager.post(f"{V1}/packing-plans", body, status=202)
        run_due_jobs()
        manager.post(f"{V1}/packing-plans/{plan['id']}/apply", {}, status=202)
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="received_warehouse")

        run_due_jobs()

        failed = manager.get(f"{V1}/packing-plans/{plan['id']}")
        assert (failed["status"], failed["error_code"]) == ("failed", "order_locked")
        assert failed["packed_count"] == 0
        assert [sequences_in(batch, number) for number in (1, 2, 3)] == [[*range(1, 11)], [], []]
        assert list_differences() == []
