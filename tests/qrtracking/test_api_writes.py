"""What holds for every address that writes: role, lock, state of the batch, `Idempotency-Key`."""

from typing import Any

import pytest

from accounts.models import Role
from qrtracking.models import (
    Batch,
    LabelSheet,
    MasterCode,
    Order,
    PackingPlan,
    PreparedCode,
    ReverseJob,
    ScanEvent,
    ScanItem,
    UnitCode,
)
from tests.architecture.test_api_walk import ROUTES, WRITING
from tests.qrtracking.api import client_for, post
from tests.qrtracking.writes import WORKER, WRITES, Write, close, lock, make_world

pytestmark = pytest.mark.django_db

TABLES = (
    Batch,
    LabelSheet,
    MasterCode,
    Order,
    PackingPlan,
    PreparedCode,
    ReverseJob,
    ScanEvent,
    ScanItem,
    UnitCode,
)
# The functions are the same views; the queue of phones has its own tests.
OTHERS = ("functions/", "api/hybrid-queue/", "api/v1/inventory/")
ROLES = [Role.VIEWER, Role.OPERATOR, Role.MANAGER]
every = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.pattern)


def only(condition):
    chosen = [write for write in WRITES if condition(write)]
    return pytest.mark.parametrize("write", chosen, ids=lambda write: write.pattern)


def rows() -> dict[str, list[Any]]:
    """Everything that a call could change."""
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}


def told(answer):
    body = answer.json() if answer.content else {}
    return answer.status_code, body.get("code")


def set_scene(write: Write):
    batch, client = make_world()
    call = write.call(batch)
    if write.pattern.endswith("/undo"):
        scan = {"uuid": str(batch.pk), "text": "1"}
        post(client, "/api/v1/qr/scans", {"batch_id": str(batch.pk), "scans": [scan]})
    return batch, client, call


class TestTable:
    def test_has_every_address_that_writes(self):
        writing = {
            (route.pattern, method)
            for route in ROUTES
            for method in route.methods & frozenset(WRITING)
            if not route.pattern.startswith(OTHERS) and route.pattern != WORKER
        }

        assert writing == {(write.pattern, write.method) for write in WRITES}


class TestKey:
    @every
    def test_has_the_effect_once(self, write):
        _, client, call = set_scene(write)

        first = write.send(client, call, **{"Idempotency-Key": "one"})
        before = rows()
        again = write.send(client, call, **{"Idempotency-Key": "one"})

        assert first.status_code in {200, 201, 202}, first.content
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers.get("Location") == first.headers.get("Location")
        assert rows() == before

    @every
    def test_is_refused_for_another_body(self, write):
        _, client, call = set_scene(write)
        write.send(client, call, **{"Idempotency-Key": "one"})
        before = rows()

        other = write.send(
            client, call._replace(body=call.body | {"more": "x"}), **{"Idempotency-Key": "one"}
        )

        assert told(other) == (422, "idempotency_key_reused")
        assert rows() == before

    @every
    def test_must_be_printable(self, write):
        _, client, call = set_scene(write)
        before = rows()

        answer = write.send(client, call, **{"Idempotency-Key": "x" * 201})

        assert told(answer) == (400, "idempotency_key_invalid")
        assert rows() == before

    @every
    def test_belongs_to_one_person(self, write):
        batch, client, call = set_scene(write)
        write.send(client, call, **{"Idempotency-Key": "one"})
        colleague = client_for(batch.organization, Role.MANAGER)

        answer = write.send(colleague, call, **{"Idempotency-Key": "one"})

        assert "Idempotent-Replayed" not in answer.headers


class TestRole:
    @every
    def test_that_is_too_low_is_refused(self, write):
        batch, _, call = set_scene(write)
        before = rows()

        for role in ROLES[: ROLES.index(write.lowest)]:
            answer = write.send(client_for(batch.organization, role), call)
            assert told(answer)[0] == 403, role

        assert rows() == before

    @only(lambda write: write.lowest != Role.MANAGER and "undo" not in write.pattern)
    def test_that_is_enough_is_let_through(self, write):
        batch, _, call = set_scene(write)

        answer = write.send(client_for(batch.organization, write.lowest), call)

        assert answer.status_code in {200, 201, 202}, answer.content


class TestLockedOrder:
    @only(lambda write: write.locked)
    def test_refuses_it(self, write):
        batch, client, call = set_scene(write)
        lock(batch)
        before = rows()

        answer = write.send(client, call)

        assert told(answer) == write.locked
        assert "Warehouse intake has begun for this order." in answer.json()["error"]
        assert rows() == before

    @only(lambda write: not write.locked)
    def test_does_not_stand_in_the_way_of_others(self, write):
        batch, client, call = set_scene(write)
        lock(batch)

        assert write.send(client, call).status_code in {200, 201, 202}


class TestCompletedBatch:
    @only(lambda write: write.closed)
    def test_refuses_it(self, write):
        batch, client, call = set_scene(write)
        close(batch)
        before = rows()

        answer = write.send(client, call)

        assert told(answer) == write.closed
        assert "completed" in answer.json()["error"]
        assert rows() == before

    @only(lambda write: not write.closed)
    def test_does_not_stand_in_the_way_of_others(self, write):
        batch, client, call = set_scene(write)
        close(batch)

        assert write.send(client, call).status_code in {200, 201, 202}
