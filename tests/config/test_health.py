from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from config import health
from jobs.models import WorkerHost


class TestLivez:
    def test_asks_nothing_but_the_process(self, client: Client) -> None:
        response = client.get("/livez")

        assert response.status_code == 200
        assert response.json() == {"status": "ok"}
        assert "no-store" in response.headers["Cache-Control"]

    def test_refuses_other_methods(self, client: Client) -> None:
        assert client.post("/livez").status_code == 405


@pytest.mark.django_db
class TestReadyz:
    @pytest.fixture(autouse=True)
    def _forget_applied_migrations(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health.MIGRATIONS, "applied", False)

    def test_is_ready_with_database_migrations_and_a_living_worker(self, client: Client) -> None:
        WorkerHost.objects.create(name="a:1:default", host="a", queue="default", workers=1)

        response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json() == {
            "status": "ok",
            "checks": {"database": "ok", "migrations": "ok", "workers": "ok"},
        }

    def test_fails_without_a_worker(self, client: Client) -> None:
        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["checks"]["workers"] == "failing"

    def test_leaves_a_check_out_on_request(self, client: Client) -> None:
        response = client.get("/readyz?without=workers")

        assert response.status_code == 200
        assert set(response.json()["checks"]) == {"database", "migrations"}

    def test_fails_with_an_unapplied_migration(self, client: Client) -> None:
        with mock.patch.object(
            health.MigrationExecutor, "migration_plan", return_value=[("one", False)]
        ):
            response = client.get("/readyz?without=workers")

        assert response.status_code == 503
        assert response.json()["checks"]["migrations"] == "failing"

    def test_asks_for_migrations_until_they_are_applied_and_never_again(
        self, client: Client
    ) -> None:
        client.get("/readyz")

        with mock.patch.object(health.MigrationExecutor, "migration_plan") as plan:
            client.get("/readyz")

        plan.assert_not_called()

    def test_hides_what_the_database_says(self, client: Client) -> None:
        error = OperationalError("password of batchworks refused")
        with mock.patch.dict(health.CHECKS, {"database": mock.Mock(side_effect=error)}):
            response = client.get("/readyz?without=workers")

        assert response.status_code == 503
        assert b"password" not in response.content
        assert response.json()["checks"]["database"] == "failing"
