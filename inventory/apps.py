from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.postgres.indexes import OpClass
from django.db.models.expressions import OrderBy
from django.db.models.functions import Collate
from django.db.models.indexes import IndexExpression
from django.http import HttpRequest


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventory"

    def ready(self) -> None:
        import_module("inventory.checks")
        import_module("inventory.gauges")
        # All that we need of django.contrib.postgres; as an app it asks every new connection for
        # types that we do not use.
        IndexExpression.register_wrappers(OrderBy, OpClass, Collate)

    def add_to_dashboard(self, request: HttpRequest, context: dict[str, Any]) -> None:
        # Models, and so the admin, are loaded after this class.
        import_module("inventory.admin.dashboard").add_queues(request, context)
