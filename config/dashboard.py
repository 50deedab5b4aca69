"""The admin's index page: every app may add its part."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Let each installed app's config add to the context, by its method `add_to_dashboard`."""
    for app in apps.get_app_configs():
        add = getattr(app, "add_to_dashboard", None)
        if add is not None:
            add(request, context)
    return context
