from typing import Any
from unittest import mock

from django.apps import apps
from django.http import HttpRequest
from django.test import RequestFactory

from config.dashboard import add_dashboard


class TestAddDashboard:
    def test_lets_every_app_add_its_part(self, rf: RequestFactory) -> None:
        def add(_request: HttpRequest, context: dict[str, Any]) -> None:
            context["part"] = "added"

        config = apps.get_app_config("config")
        with mock.patch.object(config, "add_to_dashboard", add, create=True):
            context = add_dashboard(rf.get("/admin/"), {"title": "kept"})

        assert context["title"] == "kept"
        assert context["part"] == "added"
