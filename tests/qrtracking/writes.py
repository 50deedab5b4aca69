"""Every address that writes, with a call that succeeds: what must hold for all is tested for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role
from qrtracking.models import Batch, MasterCode, SsccCounter, UnitCode
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import client_for, ids_of, make_batch, prepare
from tests.qrtracking.factories import (
    BatchFactory,
    LabelSheetFactory,
    OrderItemFactory,
    PackingPlanFactory,
    ReverseJobFactory,
)
from tests.qrtracking.plans import check
from tests.qrtracking.queue import case_of, pack
from tests.scanning.pictures import as_file, draw_code

QR = "api/v1/qr"
CONTRACT = "api/manufacturer"
LOCKED = (409, "order_locked")
CLOSED = (409, "batch_state")


class Call(NamedTuple):
    address: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Write:
    """`call` prepares a batch so that a call succeeds, and tells this call.

    `locked` and `closed` are the answers when the order is locked and when the batch is completed;
    None where neither stands in the way. `lowest` is the role that is enough.
    """

    pattern: str
    call: Callable[[Batch], Call]
    lowest: Role = Role.MANAGER
    method: str = "POST"
    locked: tuple[int, str] | None = None
    closed: tuple[int, str] | None = None
    is_form: bool = False

    def send(self, client: Client, call: Call, **headers: str) -> Any:
        if self.is_form:
            form = {
                name: SimpleUploadedFile("photo.png", value) if isinstance(value, bytes) else value
                for name, value in call.body.items()
            }
            return client.post(f"/{call.address}", form, headers=headers)
        send = client.patch if self.method == "PATCH" else client.post
        return send(f"/{call.address}", call.body, "application/json", headers=headers)


def make_world() -> tuple[Batch, Client]:
    """20 units in 2 cases of 10, and 2 spares; and a manager."""
    batch = make_batch(warehouse_org=OrganizationFactory(kind="warehouse"))
    return batch, client_for(batch.organization, Role.MANAGER)


def lock(batch: Batch) -> None:
    MasterCode.objects.filter(batch=batch, case_number=2).update(status="received_warehouse")


def close(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(status="completed")


def _submit(batch: Batch) -> Call:
    return Call(f"{CONTRACT}/reverse-job/submit", ids_of(batch) | {"exclude_codes": ["1"]})


def _link(batch: Batch) -> Call:
    prepare(batch)
    return Call(f"{CONTRACT}/link-to-master-from-queue", ids_of(batch) | {"master_code": "CASE:1"})


def _pack(batch: Batch) -> Call:
    units = UnitCode.objects.filter(batch=batch, sequence_number__lte=3)
    codes = list(units.order_by("sequence_number").values_list("code", flat=True))
    body = {"master_code": case_of(batch, 1).master_code, "unique_codes": codes}
    return Call(f"{CONTRACT}/link-to-master", body)


def _perfect(batch: Batch) -> Call:
    return Call(f"{CONTRACT}/mark-case-perfect", {"master_code": case_of(batch, 1).master_code})


def _unlink(batch: Batch) -> Call:
    pack(batch, 1, range(1, 4))
    return Call(f"{CONTRACT}/unlink-master", {"master_code_id": str(case_of(batch, 1).pk)})


def _complete(batch: Batch) -> Call:
    Batch.objects.filter(pk=batch.pk).update(status="in_production")
    body = {"batch_id": str(batch.pk), "allow_incomplete": True, "reason": "Order was cut"}
    return Call(f"{CONTRACT}/complete-production", body)


def _check(batch: Batch) -> Call:
    return Call(f"{CONTRACT}/check-master-codes", {"master_codes": ["CASE:1"]})


def _ask_unit(batch: Batch) -> Call:
    return Call(f"{CONTRACT}/scan-unique", {"qr_code": batch.units.get(sequence_number=1).code})


def _ask_codes(batch: Batch) -> Call:
    return Call(f"{CONTRACT}/get-batch-codes", {"batch_id": str(batch.pk)})


def _resolve(batch: Batch) -> Call:
    return Call(f"{QR}/resolve", {"batch_id": str(batch.pk), "text": "1-3"})


def _order(batch: Batch) -> Call:
    variant = batch.units.get(sequence_number=1).variant_id
    return Call(f"{QR}/orders", {"items": [{"variant_id": str(variant), "qty": 5}]})


def _batch(batch: Batch) -> Call:
    order = OrderItemFactory(order__organization=batch.organization).order
    return Call(f"{QR}/batches", {"order_id": str(order.pk)})


def _batch_verb(verb: str, status: str) -> Callable[[Batch], Call]:
    def call(batch: Batch) -> Call:
        other = BatchFactory(order__organization=batch.organization, status=status)
        return Call(f"{QR}/batches/{other.pk}/{verb}", {})

    return call


def _job_verb(verb: str, *, root: str, **state: bool) -> Callable[[Batch], Call]:
    def call(batch: Batch) -> Call:
        job = ReverseJobFactory(batch=batch, **state)
        return Call(f"{root}/{job.pk}/{verb}", {})

    return call


def _change_job(batch: Batch) -> Call:
    job = ReverseJobFactory(batch=batch)
    return Call(f"{QR}/reverse-jobs/{job.pk}", {"priority": 2, "label": "Night"})


def _sheet_verb(verb: str, **state: bool) -> Callable[[Batch], Call]:
    def call(batch: Batch) -> Call:
        return Call(f"{QR}/label-sheets/{LabelSheetFactory(batch=batch, **state).pk}/{verb}", {})

    return call


def _sheet(batch: Batch) -> Call:
    body = {"batch_id": str(batch.pk), "kind": "case", "from": 1, "to": 1}
    return Call(f"{QR}/label-sheets", body)


def _plan(batch: Batch) -> Call:
    return Call(f"{QR}/packing-plans", {"batch_id": str(batch.pk), "text": "CASE:1,1-3"})


def _plan_verb(verb: str, **state: str) -> Callable[[Batch], Call]:
    def call(batch: Batch) -> Call:
        return Call(f"{QR}/packing-plans/{PackingPlanFactory(batch=batch, **state).pk}/{verb}", {})

    return call


def _apply(batch: Batch) -> Call:
    return Call(f"{QR}/packing-plans/{check(batch, 'CASE:1,1-3').pk}/apply", {})


def _scans(batch: Batch) -> Call:
    scan = {"uuid": str(uuid4()), "text": "1"}
    return Call(f"{QR}/scans", {"batch_id": str(batch.pk), "scans": [scan]})


def _undo(batch: Batch) -> Call:
    return Call(f"{QR}/undo", {"batch_id": str(batch.pk)})


def _replace(batch: Batch) -> Call:
    return Call(f"{QR}/replacements", {"batch_id": str(batch.pk), "spoiled": ["3"]})


def _receive(batch: Batch) -> Call:
    MasterCode.objects.filter(batch=batch, case_number=1).update(
        status="ready_to_ship", actual_unit_count=10
    )
    return Call(f"{QR}/cases/receive", {"master_codes": [case_of(batch, 1).master_code]})


def _close_short(batch: Batch) -> Call:
    pack(batch, 1, range(1, 4))
    return Call(f"{QR}/cases/{case_of(batch, 1).pk}/close-short", {"reason": "Broken"})


def _number(batch: Batch) -> Call:
    SsccCounter.objects.create(organization=batch.organization, company_prefix="4012345")
    return Call(f"{QR}/batches/{batch.pk}/ssccs", {})


def _decode(batch: Batch) -> Call:
    return Call(f"{QR}/decode", {"image": as_file(draw_code("PROD-1"))})


OPEN_ONLY: dict[str, Any] = {"locked": LOCKED, "closed": CLOSED}
JOBS = "api/v1/jobs"
REVERSE = f"{QR}/reverse-jobs"
ID = "<uuid:pk>"

WRITES = [
    Write(f"{CONTRACT}/reverse-job/submit", _submit, Role.OPERATOR, **OPEN_ONLY),
    Write(f"{CONTRACT}/link-to-master-from-queue", _link, Role.OPERATOR, **OPEN_ONLY),
    Write(f"{CONTRACT}/link-to-master", _pack, Role.OPERATOR, **OPEN_ONLY),
    Write(f"{CONTRACT}/mark-case-perfect", _perfect, Role.OPERATOR, **OPEN_ONLY),
    Write(f"{CONTRACT}/unlink-master", _unlink, **OPEN_ONLY),
    # The contract has a text of its own for its state.
    Write(
        f"{CONTRACT}/complete-production",
        _complete,
        locked=LOCKED,
        closed=(400, "batch_not_in_production"),
    ),
    Write(f"{CONTRACT}/check-master-codes", _check, Role.VIEWER),
    Write(f"{CONTRACT}/scan-unique", _ask_unit, Role.VIEWER),
    Write(f"{CONTRACT}/get-batch-codes", _ask_codes, Role.VIEWER),
    Write(f"{QR}/resolve", _resolve, Role.VIEWER),
    Write(f"{QR}/decode", _decode, Role.OPERATOR, is_form=True),
    # Scans have outcomes of their own, see test_api_scans.
    Write(f"{QR}/scans", _scans, Role.OPERATOR),
    Write(f"{QR}/replacements", _replace, **OPEN_ONLY),
    Write(f"{QR}/cases/{ID}/close-short", _close_short, **OPEN_ONLY),
    # This is what locks an order, and it comes after the end of production.
    Write(f"{QR}/cases/receive", _receive),
    Write(f"{QR}/batches/<uuid:batch_id>/ssccs", _number, locked=LOCKED),
    Write(f"{QR}/packing-plans", _plan, **OPEN_ONLY),
    Write(f"{QR}/packing-plans/{ID}/apply", _apply, **OPEN_ONLY),
    # Orders, labels and jobs that wait or have ended are not the packing of a batch.
    Write(f"{QR}/orders", _order),
    Write(f"{QR}/batches", _batch),
    Write(f"{QR}/batches/{ID}/cancel", _batch_verb("cancel", "queued")),
    Write(f"{QR}/batches/{ID}/retry", _batch_verb("retry", "failed")),
    Write(f"{QR}/label-sheets", _sheet, Role.OPERATOR),
    Write(f"{QR}/label-sheets/{ID}/cancel", _sheet_verb("cancel")),
    Write(f"{QR}/label-sheets/{ID}/retry", _sheet_verb("retry", failed=True)),
    Write(f"{QR}/packing-plans/{ID}/cancel", _plan_verb("cancel")),
    Write(f"{QR}/packing-plans/{ID}/retry", _plan_verb("retry", status="failed")),
    Write(f"{REVERSE}/{ID}", _change_job, method="PATCH"),
    Write(f"{REVERSE}/{ID}/cancel", _job_verb("cancel", root=REVERSE)),
    Write(f"{REVERSE}/{ID}/retry", _job_verb("retry", root=REVERSE, failed=True)),
    Write(f"{JOBS}/<str:job_id>/cancel", _job_verb("cancel", root=JOBS)),
    Write(f"{JOBS}/<str:job_id>/retry", _job_verb("retry", root=JOBS, failed=True)),
    Write(f"{QR}/undo", _undo, Role.OPERATOR, **OPEN_ONLY),
]
# It has a secret and no user, so no key is kept for it.
WORKER = f"{CONTRACT}/reverse-job/worker"
