"""Walks everything that is registered in the admin: who may open it, whose rows it shows, its cost."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern

from accounts.admin_base import PermissionChecks, TenantAdmin
from accounts.models import TenantModel
from jobs.admin_base import BigTableAdmin, JobAdmin
from jobs.admin_base.checks import JobChecks
from jobs.models import JobLog
from jobs.registry import list_job_models
from tests.accounts.factories import UserFactory, grant, make_member

pytestmark = pytest.mark.django_db

REGISTRY: dict[type[Model], admin.ModelAdmin] = dict(admin.site._registry)
# The tables of the installation: no organization owns their rows.
OF_THE_INSTALLATION = {
    "auth.Group",
    "auth.Permission",
    "jobs.PausedJobType",
    "jobs.WorkerHost",
    "django_q.Schedule",
}
# Pages that Django puts on every model.
USUAL_PAGES = {"changelist", "add", "history", "delete", "change"}


# Custom pages that change nothing, open to everybody who may see the model.
VIEWING = {"live", "progress", "progress_live", "error_file_csv", "error_file_xlsx"}


class Page(NamedTuple):
    name: str
    path: str


def label_of(model: type[Model]) -> str:
    return str(model._meta.label)


def pages_of(model: type[Model]) -> Iterator[Page]:
    """Every page of a model's admin, with an id that nobody has."""
    stem = f"{model._meta.app_label}_{model._meta.model_name}_"
    for pattern in REGISTRY[model].urls:
        if isinstance(pattern, URLPattern) and pattern.name:
            yield Page(pattern.name.removeprefix(stem), _path(model, pattern))


def _path(model: type[Model], pattern: URLPattern) -> str:
    route = re.sub(r"<[^>]+>", str(uuid4()), str(pattern.pattern))
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{route}"


def custom(places: list[Page]) -> list[Page]:
    return [place for place in places if place.name not in USUAL_PAGES]


PAGES = {model: list(pages_of(model)) for model in REGISTRY}
TENANT_ADMINS = {m: a for m, a in REGISTRY.items() if label_of(m) not in OF_THE_INSTALLATION}


def all_permissions(model: type[Model]) -> list[str]:
    named = [codename for codename, _ in model._meta.permissions]
    return [*named, *(f"{verb}_{model._meta.model_name}" for verb in ("view", "change"))]


def walk(client: Client, places: list[Page], expected: set[int]) -> dict[str, set[int]]:
    """The pages that answer a GET or a POST with another status than those expected."""
    wrong = {}
    for place in places:
        codes = {client.get(place.path).status_code, client.post(place.path).status_code}
        if codes - expected:
            wrong[place.name] = codes
    return wrong


class TestPages:
    def test_there_are_custom_ones_to_walk(self) -> None:
        names = {place.name for places in PAGES.values() for place in custom(places)}

        assert {"live", "retry", "pause", "renew_secret"} <= names

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_send_the_anonymous_to_the_login(self, client, model) -> None:
        for place in PAGES[model]:
            for answer in (client.get(place.path), client.post(place.path)):
                assert answer.status_code == 302, place
                assert answer.url.startswith("/admin/login/"), place

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_refuse_staff_without_any_permission(self, client, model) -> None:
        client.force_login(UserFactory(staff=True))
        places = PAGES[model]
        about_rows = [place for place in places if place.name in {"history", "delete", "change"}]
        others = [place for place in places if place not in about_rows]

        # Django says that a row is not there before it asks for the permission to see it.
        missing = {302, 403, 404} if label_of(model) in OF_THE_INSTALLATION else {403, 404}
        assert walk(client, about_rows, missing) == {}
        assert walk(client, others, {403}) == {}

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_refuse_viewers_what_is_not_viewing(self, client, model) -> None:
        client.force_login(grant(UserFactory(staff=True), f"view_{model._meta.model_name}"))
        viewing = [place for place in custom(PAGES[model]) if place.name in VIEWING]
        acting = [place for place in custom(PAGES[model]) if place.name not in VIEWING]

        assert walk(client, viewing, {200, 404}) == {}
        assert walk(client, acting, {403}) == {}


class TestRows:
    @pytest.mark.parametrize("model", TENANT_ADMINS, ids=label_of)
    def test_are_scoped_to_what_the_person_may_see(self, rf, model) -> None:
        """The list's queryset of somebody who may see nothing is empty, whatever the table holds."""
        request = rf.get("/")
        request.user = UserFactory(staff=True, is_active=False)

        assert not REGISTRY[model].get_queryset(request).exists()
        assert REGISTRY[model].get_queryset(request).query.is_empty()

    @pytest.mark.parametrize("model", TENANT_ADMINS, ids=label_of)
    def test_of_other_organizations_are_filtered_in_the_database(self, rf, model) -> None:
        request = rf.get("/")
        request.user = grant(make_member("owner", is_staff=True), *all_permissions(model))

        assert REGISTRY[model].get_queryset(request).query.where

    def test_of_every_tenant_model_are_shown_by_a_tenant_admin(self) -> None:
        wrong = [
            label_of(model)
            for model, model_admin in TENANT_ADMINS.items()
            if not isinstance(model_admin, TenantAdmin)
        ]

        assert wrong == []

    def test_of_the_installation_belong_to_no_organization(self) -> None:
        named = {
            label_of(model): model for model in REGISTRY if label_of(model) in OF_THE_INSTALLATION
        }

        assert set(named) == OF_THE_INSTALLATION
        assert not [model for model in named.values() if issubclass(model, TenantModel)]


class TestActions:
    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_state_their_permissions(self, model) -> None:
        model_admin = REGISTRY[model]

        assert issubclass(model_admin.checks_class, PermissionChecks)
        assert [error for error in model_admin.check() if error.id.startswith("accounts.")] == []

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_are_hidden_from_viewers(self, rf, model) -> None:
        request = rf.get("/")
        request.user = grant(UserFactory(staff=True), f"view_{model._meta.model_name}")

        assert dict(REGISTRY[model].get_actions(request)) == {}

    @pytest.mark.parametrize("model", TENANT_ADMINS, ids=label_of)
    def test_never_delete_whole_lists(self, rf, admin_user, model) -> None:
        request = rf.get("/")
        request.user = admin_user

        assert "delete_selected" not in REGISTRY[model].get_actions(request)


class TestBigTables:
    def test_every_job_model_has_a_job_admin(self) -> None:
        wrong = [
            label_of(model)
            for model in list_job_models()
            if not isinstance(REGISTRY.get(model), JobAdmin)
        ]

        assert wrong == []

    def test_every_log_is_shown_by_a_big_table_admin(self) -> None:
        wrong = [
            label_of(model)
            for model, model_admin in REGISTRY.items()
            if issubclass(model, JobLog) and not isinstance(model_admin, BigTableAdmin)
        ]

        assert wrong == []

    @pytest.mark.parametrize(
        "model", [m for m, a in REGISTRY.items() if isinstance(a, BigTableAdmin)], ids=label_of
    )
    def test_pass_their_checks(self, model) -> None:
        model_admin = REGISTRY[model]
        expected = JobChecks if isinstance(model_admin, JobAdmin) else BigTableAdmin.checks_class

        assert issubclass(model_admin.checks_class, expected)
        assert [error for error in model_admin.check() if error.id.startswith("jobs.")] == []

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_have_no_date_hierarchy_and_no_facets(self, model) -> None:
        assert REGISTRY[model].date_hierarchy is None
        if isinstance(REGISTRY[model], BigTableAdmin):
            assert REGISTRY[model].show_facets is admin.ShowFacets.NEVER

    @pytest.mark.parametrize("model", REGISTRY, ids=label_of)
    def test_lists_open_within_their_queries(
        self, client, django_assert_max_num_queries, model
    ) -> None:
        client.force_login(UserFactory(superuser=True))

        with django_assert_max_num_queries(12):
            answer = client.get(
                f"/admin/{model._meta.app_label}/{model._meta.model_name}/", follow=True
            )

        assert answer.status_code == 200
