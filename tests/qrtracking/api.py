"""How the API tests call: as a member with a token, in JSON."""

from typing import Any

from django.test import Client

from accounts.models import Organization, Role
from qrtracking.models import Batch, ReverseJob
from tests.accounts.factories import bearer, make_member
from tests.qrtracking.factories import make_generated_batch

SUBMIT = "/api/manufacturer/reverse-job/submit"
STATUS = "/api/manufacturer/reverse-job/status"
LINK = "/api/manufacturer/link-to-master-from-queue"
WORKER = "/api/manufacturer/reverse-job/worker"
JOBS = "/api/v1/qr/reverse-jobs"
ORDERS = "/api/v1/qr/orders"
BATCHES = "/api/v1/qr/batches"
SCANS = "/api/v1/qr/scans"
UNDO = "/api/v1/qr/undo"

NOBODY = "00000000-0000-7000-8000-000000000000"
ROLE_REFUSED = {"error": "Your role does not allow this action", "code": "role_not_allowed"}
NOT_FOUND = {"error": "Not found", "code": "not_found"}
# What clients send where an id belongs.
NO_IDS = ["nonsense", 42, ["x"], {"a": 1}, True, NOBODY, "x" * 10_000]


def make_batch(**changes: Any) -> Batch:
    """20 units in 2 cases of 10, and 2 spares."""
    return make_generated_batch(**{"units": 20, "per_case": 10} | changes)


def client_of(batch: Batch, role: Role = Role.OPERATOR) -> Client:
    """A new member of the batch's organization, with a token."""
    return client_for(batch.organization, role)


def client_for(organization: Organization, role: Role = Role.OPERATOR) -> Client:
    return Client(headers=bearer(make_member(role, organization=organization)))


def ids_of(batch: Batch) -> dict[str, Any]:
    return {
        "batch_id": str(batch.pk),
        "order_id": str(batch.order_id),
        "manufacturer_org_id": str(batch.organization_id),
    }


def post(client: Client, path: str, body: Any = "", **extra: Any):
    """Without a body nothing is sent, as by `curl -X POST`."""
    return client.post(path, body, content_type="application/json", **extra)


def listed(answer: Any) -> list[str]:
    """The ids of a page of a list."""
    return [row["id"] for row in answer.json()["results"]]


def submit(client: Client, batch: Batch, **changes: Any):
    return post(client, SUBMIT, ids_of(batch) | changes)


def link(client: Client, batch: Batch, **changes: Any):
    return post(client, LINK, ids_of(batch) | {"master_code": "CASE:1"} | changes)


def prepare(batch: Batch, **changes: Any) -> ReverseJob:
    """Units in the queue, by a job that is over."""
    answer = submit(client_of(batch), batch, process_now=True, **changes)
    assert answer.status_code == 200, answer.content
    return ReverseJob.objects.get(pk=answer.json()["job_id"])


def assert_error(answer: Any, status: int, error: str, code: str | None = None) -> None:
    """The envelope of the contract's errors."""
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, error)
    assert body["success"] is False
    assert body["code"]
    assert code in (None, body["code"])
