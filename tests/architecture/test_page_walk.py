"""Walks every scan page: whoever may not see or do something learns nothing and changes nothing."""

import uuid
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import Role
from inventory import scan_urls as intake_urls
from inventory.models import Location, QueueItem
from qrtracking import scan_urls
from qrtracking.models import Batch, MasterCode, ReverseJob, ScanEvent, ScanItem
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import (
    LabelSheetFactory,
    PackingPlanFactory,
    ReverseJobFactory,
    make_generated_batch,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
# What viewers may send: it only looks something up.
READING = {"find", "done"}
# Programs of the pages call it: it answers in JSON, and has tests of its own.
CALLED = {"sent"}


class Page(NamedTuple):
    system: str
    name: str
    kwargs: tuple[str, ...]
    methods: frozenset[str]

    def address(self, ids: dict[str, object]) -> str:
        return reverse(
            f"{self.system}:{self.name}", kwargs={name: ids[name] for name in self.kwargs}
        )


def describe(system: str, pattern: URLPattern) -> Page:
    methods = {name for name in ("get", "post") if hasattr(pattern.callback.view_class, name)}
    return Page(system, pattern.name, tuple(pattern.pattern.converters), frozenset(methods))


PAGES = [
    describe(urls.app_name, pattern)
    for urls in (scan_urls, intake_urls)
    for pattern in urls.urlpatterns
    if pattern.name not in CALLED
]
CALLS = [(page, method) for page in PAGES for method in sorted(page.methods)]
OF_SOMETHING = [(page, method) for page, method in CALLS if page.kwargs]
WRITING = [page for page in PAGES if "post" in page.methods and page.name not in READING]


def named(value: object) -> str:
    return f"{value.system}-{value.name}" if isinstance(value, Page) else str(value)


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=10, per_case=10, order_no="ORD-SECRET")


@pytest.fixture
def ids(batch: Batch) -> dict[str, object]:
    job = ReverseJobFactory(batch=batch)
    case = MasterCode.objects.get(batch=batch)
    return {
        "batch_id": batch.pk,
        "job_id": job.pk,
        "case_id": case.pk,
        "plan_id": PackingPlanFactory(batch=batch).pk,
        "sheet_id": LabelSheetFactory(batch=batch).pk,
        "item_id": uuid.uuid4(),
        "number": 1,
    }


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, method: str, address: str):
    """With what every form of the pages asks for."""
    data = {"case": "1", "excludes": "1", "code": "x", "priority": "5", "key": str(uuid.uuid4())}
    return getattr(client, method)(address, data, headers=HTMX)


def state() -> tuple[object, ...]:
    jobs = ReverseJob.objects.order_by("pk").values_list("status", "cancel_requested_at", "version")
    counts = [model.objects.count() for model in (ScanEvent, ScanItem, QueueItem, Location)]
    return (list(jobs), counts)


@pytest.mark.parametrize(("page", "method"), CALLS, ids=named)
class TestEveryPage:
    def test_leads_strangers_to_the_login(self, client, ids, page, method):
        before = state()

        response = send(client, method, page.address(ids))

        assert response.status_code in (200, 302)
        where = response.get("HX-Redirect") or response.get("Location")
        plain = client.get(where) if "HX-Redirect" in response else response
        assert plain["Location"].startswith("/login?next=/scan/")
        assert "ORD-SECRET" not in response.text
        assert state() == before

    def test_is_closed_without_an_organization(self, ids, page, method):
        before = state()

        response = getattr(signed_in(UserFactory()), method)(page.address(ids))

        assert response.status_code in (302, 403)
        assert "ORD-SECRET" not in response.text
        assert state() == before


@pytest.mark.parametrize(("page", "method"), OF_SOMETHING, ids=named)
class TestEveryPageOfSomething:
    def test_is_the_same_404_for_what_is_foreign_and_what_is_unknown(self, ids, page, method):
        outsider = signed_in(make_member(Role.OWNER, organization=OrganizationFactory()))
        unknown = dict.fromkeys(ids, uuid.uuid4()) | {"number": 1}
        before = state()

        answers = [send(outsider, method, page.address(one)) for one in (ids, unknown)]

        # A page that only takes forms leads to its own page, which is not there.
        statuses = {answer.status_code for answer in answers}
        assert len(statuses) == 1
        if statuses != {404}:
            assert method == "get"
            followed = [outsider.get(answer["HX-Redirect"]) for answer in answers]
            assert {answer.status_code for answer in followed} == {404}
        assert not any("ORD-SECRET" in answer.text for answer in answers)
        assert state() == before

    def test_is_404_for_what_is_no_id(self, ids, page, method):
        member = signed_in(make_member(Role.OWNER))
        address = page.address(ids)
        for one in (ids["batch_id"], ids["job_id"], ids["case_id"], ids["plan_id"]):
            address = address.replace(str(one), "1' OR 1=1")

        assert send(member, method, address).status_code == 404


@pytest.mark.parametrize("page", WRITING, ids=named)
def test_viewers_write_nothing(batch, ids, page):
    viewer = signed_in(make_member(Role.VIEWER, organization=batch.organization))
    before = state()

    response = viewer.post(page.address(ids), {"case": "1", "key": str(uuid.uuid4())})

    assert response.status_code == 403
    assert state() == before


@pytest.mark.parametrize("page", WRITING, ids=named)
def test_forms_need_their_token(batch, ids, page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member(Role.MANAGER, organization=batch.organization))
    before = state()

    response = client.post(page.address(ids), {"case": "1", "key": str(uuid.uuid4())})

    assert response.status_code == 403
    assert state() == before


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_opening_a_page_changes_nothing(batch, ids, page):
    manager = signed_in(make_member(Role.MANAGER, organization=batch.organization))
    before = state()

    for headers in ({}, HTMX):
        assert manager.get(page.address(ids), headers=headers).status_code in (200, 302)

    assert state() == before
