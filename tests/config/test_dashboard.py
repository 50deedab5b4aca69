from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from config.dashboard import add_dashboard


@pytest.mark.django_db
class TestAddDashboard:
    def test_lets_every_app_add_its_part(self, rf: RequestFactory) -> None:
        def add(_request: HttpRequest, context: dict[str, Any]) -> None:
            context["part"] = "added"

        config = apps.get_app_config("config")
        with mock.patch.object(config, "add_to_dashboard", add, create=True):
            request = rf.get("/admin/")
            request.user = AnonymousUser()
            context = add_dashboard(request, {"title": "kept"})

        assert context["title"] == "kept"
        assert context["part"] == "added"
