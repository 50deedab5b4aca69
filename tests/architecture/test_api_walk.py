"""Walks every address of the API: whoever asks, and with whatever, the answer is JSON and no 500."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Role
from inventory.models import Device, QueueBatch, QueueItem, QueueSource, SkuRule, TacModel
from inventory.services.adding import add_items
from qrtracking.models import Batch
from tests.accounts.factories import OrganizationFactory, bearer, make_member
from tests.inventory.imports import make_read_row
from tests.inventory.v1_api import make_device, make_export
from tests.qrtracking.factories import (
    LabelSheetFactory,
    PackingPlanFactory,
    ReverseJobFactory,
    make_generated_batch,
)
from tests.qrtracking.labels import with_file

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
# Pages for people who read the documentation; and what a program with a secret of its own calls.
DOCUMENTATION = {"api/schema", "api/docs"}
WORKERS = {"api/manufacturer/reverse-job/worker", "functions/v1/reverse-job-worker"}
# Families whose errors put `success` first, also those that no view has seen.
CONTRACT = ("api/manufacturer/", "api/qr/", "functions/v1/")
# Which row stands for the id in an address.
SAMPLES = {
    "api/v1/jobs/": "job",
    "api/v1/qr/reverse-jobs/": "job",
    "api/v1/qr/batches/": "batch",
    "api/qr/batches/": "batch",
    "api/v1/qr/orders/": "order",
    "api/v1/qr/cases/": "case",
    "api/v1/qr/codes/": "unit",
    "api/v1/qr/label-sheets/": "sheet",
    "api/v1/qr/packing-plans/": "plan",
    "api/hybrid-queue/items/": "queue_item",
    "api/hybrid-queue/batch/": "queue_batch",
    "api/v1/inventory/batches/": "queue_batch",
    "api/v1/inventory/devices/": "device",
    "api/v1/inventory/exports/": "export",
    "api/v1/inventory/imports/": "import",
    "api/v1/inventory/sources/": "source",
    "api/v1/inventory/sku-rules/": "sku_rule",
    "api/v1/inventory/tac-models/": "tac_model",
}
# Questions that are too long for an address: viewers may ask them.
QUESTIONS = {"check-master-codes", "scan-unique", "get-batch-codes", "resolve"}
# Without an id in the address a foreign row can be named in the query or body only.
QUERY = {
    "api/manufacturer/reverse-job/status": ("job_id", "job"),
    "functions/v1/reverse-job-status": ("job_id", "job"),
    "api/v1/qr/codes": ("batch", "batch"),
    "api/manufacturer/scan-summary-excel": ("batch_id", "batch"),
    "functions/v1/scan-summary-excel": ("batch_id", "batch"),
}
# Whoever sends something there makes a job for their own organization.
OWN = {"api/v1/inventory/imports"}
# What a download may be; a refusal is JSON everywhere.
FILES = {
    "application/ld+json",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv; charset=utf-8",
}

NAMES = [
    "batch_id",
    "order_id",
    "manufacturer_org_id",
    "master_code",
    "exclude_codes",
    "filter_variant_id",
    "filter_case_numbers",
    "priority",
    "notify_email",
    "label",
    "process_now",
    "target_units",
    "same_case",
    "user_id",
    "qr_code",
    "unique_codes",
    "skip_case_validation",
    "master_codes",
    "master_code_id",
    "force",
    "allow_incomplete",
    "items",
    "order_no",
    "units_per_case",
    "qr_buffer_percent",
    "spare_percent",
    "use_item_case_sizes",
    "reason",
    "status",
    "scans",
    "kind",
    "from",
    "to",
    "layout",
    "copies",
    "printer_id",
    "text",
    "limit",
    "after_sequence",
    "source",
    "batchId",
    "maxRetries",
    "validation",
    "scheduledAt",
    "undoable",
    "ids",
    "errorCode",
    "mapping",
    "sheet",
    "headerLine",
    "imeiColumn",
    "confirmed",
]
VALUES: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**40,
    "",
    "x" * 20_000,
    "%' OR 1=1 --",
    "\U0001f600\u202e<b>",
    [],
    [[]],
    {},
    {"$ne": None},
    [None, {"a": [1]}],
]
RAW_BODIES = [
    b"",
    b" ",
    b"{",
    b"[]",
    b'"x"',
    b"7",
    b"null",
    b"NaN",
    b"\xff\xfe\x00",
    b"\x00",
    b'{"batch_id": "\\u0000", "label": "\\ud800"}',
    b"[" * 50_000,
    b'{"batch_id": 1' + b"0" * 5000 + b"}",
    b'{"a": 1, "a": 2}',
]
BODIES = RAW_BODIES + [json.dumps(dict.fromkeys(NAMES, value)).encode() for value in VALUES]
QUERIES = [
    "cursor=nonsense",
    "cursor=cD1ub25zZW5zZQ==",
    "cursor=%F0%9F%98%80&limit=-1&page_size=1e9",
    "status=nonsense&batch=nonsense&order=%27&type=x&state=x&organization=x",
    "job_id=%00",
    "job_id[]=x&job_id=x&job_id=y",
    "created_from=nonsense&created_before=9999999-01-01",
    "limit=x&offset=y&after=z&imei=%ff&batchId=%F0%9F%98%80&source=%27",
    "olderThanDays=x",
    "x" * 5000,
    "%ff%fe=%ff",
]
WRONG_IDS = [
    "nonsense",
    "0",
    "%00",
    "%ff",
    "..",
    "x" * 3000,
    "%F0%9F%98%80",
    "00000000-0000-0000-0000-00000000000z",
]


class Route(NamedTuple):
    pattern: str
    methods: frozenset[str]

    @property
    def has_id(self) -> bool:
        return "<" in self.pattern

    def address(self, key: object) -> str:
        return "/" + re.sub("<[^>]+>", str(key), self.pattern)


def list_routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, path)
        elif path.startswith(("api/", "functions/")):
            yield Route(path, methods_of(pattern.callback))


def methods_of(view: Any) -> frozenset[str]:
    names = getattr(view, "actions", None) or dir(view.cls)
    return frozenset(name.upper() for name in names) & frozenset(METHODS)


ROUTES = sorted(set(list_routes(get_resolver().url_patterns)))
GUARDED = [route for route in ROUTES if route.pattern not in DOCUMENTATION | WORKERS]
named = pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.pattern)


@pytest.fixture
def world() -> dict[str, Any]:
    batch: Batch = make_generated_batch(units=4, per_case=2)
    return {
        "batch": batch,
        "order": batch.order,
        "job": ReverseJobFactory(batch=batch),
        "sheet": with_file(LabelSheetFactory(batch=batch)),
        "plan": PackingPlanFactory(batch=batch),
        "case": batch.cases.earliest("case_number"),
        "unit": batch.units.earliest("sequence_number"),
        **make_queue(batch.organization),
    }


def make_queue(organization: Any) -> dict[str, Any]:
    added = add_items(
        organization_id=organization.pk,
        actor=None,
        items=[{"imei": "490154203237518"}],
        now=timezone.now(),
    )
    return {
        "queue_batch": added.batch,
        "queue_item": QueueItem.objects.get(),
        "export": make_export(organization),
        "import": make_read_row(organization),
        "device": make_device(organization),
        "source": QueueSource.objects.create(organization=organization, name="scan"),
        "sku_rule": SkuRule.objects.create(organization=organization, position=1, sku="S"),
        "tac_model": TacModel.objects.create(organization=organization, tac="35693803"),
    }


def sample(route: Route, world: dict[str, Any]) -> Any:
    prefix = route.pattern.partition("<")[0]
    if not route.has_id:
        return ""
    assert prefix in SAMPLES, f"Which row can {route.pattern} show? Add it to SAMPLES."
    row = world[SAMPLES[prefix]]
    names = {QueueBatch: "batch_id", Device: "imei"}
    return getattr(row, names.get(type(row), "pk"))


def whole_address(route: Route, world: dict[str, Any]) -> str:
    """With the query without which there is no answer."""
    name, key = QUERY.get(route.pattern, ("", ""))
    query = f"?{name}={world[key].pk}" if name else ""
    return route.address(sample(route, world)) + query


def client_for(organization: Any, role: Role) -> Client:
    headers = bearer(make_member(role, organization=organization))
    return Client(headers=headers, raise_request_exception=False)


def send(client: Client, method: str, address: str, body: bytes = b"{}") -> Any:
    """A call whose answer is JSON and no failure of ours, whatever it is."""
    answer = client.generic(method, address, body, content_type="application/json")
    context = f"{method} {address[:100]} {body[:100]!r}: {answer.status_code}"
    assert answer.status_code < 500, context
    if answer.status_code == 204:
        assert answer.content == b"", context
        return answer
    kinds = {"application/json"} | (FILES if answer.status_code == 200 else set())
    assert answer.headers["Content-Type"] in kinds, context
    if answer.status_code >= 400:
        problem = answer.json()
        assert problem["error"], context
        assert re.fullmatch(r"[a-z][a-z0-9_]*", problem["code"]), context
        for leak in ("Traceback", "SELECT ", "psycopg", "<html", "/site-packages/"):
            assert leak not in answer.content.decode(), context
    return answer


class TestAnonymous:
    def test_gets_in_nowhere(self, world):
        client = Client(raise_request_exception=False)

        for route, method in product(GUARDED, METHODS):
            answer = send(client, method, route.address(sample(route, world)))

            assert answer.status_code == 401, (method, route.pattern)
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("token", ["x", "", "\u00e9", "x" * 5000, "a b", "None"])
    def test_gets_in_with_no_made_up_token(self, token):
        client = Client(headers={"Authorization": f"Bearer {token}"})

        for route in GUARDED:
            if not route.has_id:
                assert send(client, "GET", route.address("")).status_code == 401

    @pytest.mark.parametrize("pattern", sorted(WORKERS))
    def test_makes_no_worker_work(self, pattern):
        client = Client(raise_request_exception=False)

        assert send(client, "POST", f"/{pattern}").status_code == 401
        assert send(client, "GET", f"/{pattern}?run=1").status_code == 401

    @pytest.mark.parametrize("pattern", sorted(DOCUMENTATION))
    def test_reads_the_documentation(self, pattern):
        assert Client().get(f"/{pattern}").status_code == 200


class TestOtherOrganization:
    def test_finds_nothing_and_changes_nothing(self, world):
        for route in GUARDED:
            client = client_for(OrganizationFactory(), Role.OWNER)
            before = state_of(world)

            for method in sorted(route.methods):
                answer = send(client, method, whole_address(route, world), body_naming(world))

                assert is_stranger(route, answer), (method, route.pattern, answer.status_code)
            assert before == state_of(world), route.pattern


def state_of(world: dict[str, Any]) -> list[Any]:
    return [list(type(row).objects.filter(pk=row.pk).values()) for row in world.values()]


def is_stranger(route: Route, answer: Any) -> bool:
    """Whether an answer tells nothing of the rows of others."""
    if route.has_id:
        return answer.status_code == 404
    if answer.status_code == 200:
        return rows_of(answer.json()) == []
    return answer.status_code in ({202} if route.pattern in OWN else {400, 403, 404, 415})


def rows_of(body: dict[str, Any]) -> Any:
    """The rows of a list; the fixed contract has names of its own for them."""
    if "queued" in body:
        return [] if not body["queued"] else [body]
    names = {"results", "batches", "history", "data", "sources"} & body.keys()
    found = body[names.pop()]
    # The queue's contract tells of one's own queue in an object, without an id in the address.
    return found if isinstance(found, list) else []


def body_naming(world: dict[str, Any]) -> bytes:
    """A body that would be right, were it sent by a member of the organization."""
    batch = world["batch"]
    variant = batch.order.items.get().variant
    body = {
        "batch_id": str(batch.pk),
        "order_id": str(batch.order_id),
        "manufacturer_org_id": str(batch.organization_id),
        "master_code": "CASE:1",
        "items": [{"variant_id": str(variant.pk), "qty": 1}],
        "reason": "damaged",
        "text": "1",
        "scans": [{"uuid": str(batch.pk), "text": "1"}],
        "kind": "case",
        "from": 1,
        "to": 1,
    }
    return json.dumps(body).encode()


class TestRoles:
    def test_viewers_read(self, world):
        client = client_for(world["batch"].organization, Role.VIEWER)

        for route in GUARDED:
            if "GET" in route.methods:
                answer = send(client, "GET", whole_address(route, world))

                assert answer.status_code == 200, route.pattern

    def test_viewers_write_nothing(self, world):
        client = client_for(world["batch"].organization, Role.VIEWER)

        for route in GUARDED:
            address = route.address(sample(route, world))
            may_ask = route.pattern.rpartition("/")[2] in QUESTIONS

            for method in sorted(route.methods & frozenset(WRITING)):
                answer = send(client, method, address, body_naming(world))

                assert (answer.status_code == 403) != may_ask, (method, route.pattern)


class TestGarbage:
    @named
    def test_in_the_body_is_refused_or_ignored(self, route, world):
        client = client_for(world["batch"].organization, Role.OWNER)
        address = route.address(sample(route, world))

        for method in sorted(route.methods & frozenset(WRITING)):
            for body in BODIES:
                send(client, method, address, body)

    @pytest.mark.parametrize(
        "route",
        [route for route in GUARDED if route.pattern.startswith(CONTRACT)],
        ids=lambda route: route.pattern,
    )
    def test_is_refused_in_the_envelope_of_the_contract(self, route, world):
        client = client_for(world["batch"].organization, Role.OWNER)

        answer = send(client, "POST", route.address(sample(route, world)), b"\x00")

        expected = {"success": False, "error": "Invalid characters in request"}
        assert answer.json() == expected | {"code": "invalid_characters"}

    @pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
    def test_in_the_query_is_refused_or_ignored(self, query, world):
        client = client_for(world["batch"].organization, Role.OWNER)

        for route in GUARDED:
            if "GET" in route.methods:
                send(client, "GET", f"{route.address(sample(route, world))}?{query}")

    @pytest.mark.parametrize("wrong", WRONG_IDS, ids=range(len(WRONG_IDS)))
    def test_in_the_address_is_not_found(self, wrong):
        client = client_for(OrganizationFactory(), Role.OWNER)

        for route in GUARDED:
            for method in sorted(route.methods) if route.has_id else []:
                answer = send(client, method, route.address(wrong))

                assert answer.status_code in {400, 404}, (method, route.pattern)

    @pytest.mark.parametrize(
        "content_type", ["text/html", "multipart/form-data", "application/json; charset=x", ""]
    )
    def test_as_content_type_is_refused_or_ignored(self, content_type, world):
        client = client_for(world["batch"].organization, Role.OWNER)

        for route in ROUTES:
            address = route.address(sample(route, world))
            for method in sorted(route.methods & frozenset(WRITING)):
                answer = client.generic(method, address, b"<x>", content_type=content_type)

                assert answer.status_code < 500, (method, route.pattern)
                if answer.status_code != 204:
                    assert answer.headers["Content-Type"] == "application/json"


class TestUnknown:
    @pytest.mark.parametrize(
        "address",
        [
            "/api",
            "/api/",
            "/api/nonsense",
            "/api/manufacturer",
            "/api/manufacturer/",
            "/api/manufacturer/reverse-job/submit/",
            "/api/v1/qr",
            "/api/v1/qr/orders/",
            "/functions/v1/nonsense",
            "/functions/",
            "/api/hybrid-queue",
            "/api/hybrid-queue/",
            "/api/hybrid-queue/stats/",
            "/api/hybrid-queue/batch/",
            "/api/%00",
            "/api/%ff",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_is_not_found_without_a_redirect(self, address, method):
        answer = send(Client(raise_request_exception=False), method, address)

        assert answer.status_code in {400, 404}

    def test_methods_are_refused(self, world):
        client = client_for(world["batch"].organization, Role.OWNER)

        for route, method in product(GUARDED, (*METHODS, "TRACE", "NONSENSE")):
            if method not in route.methods:
                answer = send(client, method, route.address(sample(route, world)))

                assert answer.status_code == 405, (method, route.pattern)
