"""Signs of life for load balancers and supervisors."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.models import WorkerHost

logger = logging.getLogger(__name__)


class _Migrations:
    """Asked until everything is applied, then never again: code does not change under a process."""

    def __init__(self) -> None:
        self.applied = False

    def are_applied(self) -> bool:
        if not self.applied:
            executor = MigrationExecutor(connection)
            self.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return self.applied


MIGRATIONS = _Migrations()


def is_database_up() -> bool:
    """True, or the database's own error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def are_workers_alive() -> bool:
    return WorkerHost.objects.alive().exists()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": is_database_up,
    "migrations": MIGRATIONS.are_applied,
    "workers": are_workers_alive,
}


@never_cache
@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and workers are fine, else 503; names the check that is not.

    `?without=workers` leaves a check out, for a balancer that should keep serving pages.
    """
    left_out = set(request.GET.get("without", "").split(","))
    results = {name: _outcome(name) for name in CHECKS if name not in left_out}
    is_ready = all(outcome == "ok" for outcome in results.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "failing", "checks": results},
        status=200 if is_ready else 503,
    )


def _outcome(name: str) -> str:
    try:
        return "ok" if CHECKS[name]() else "failing"
    except DatabaseError:
        logger.warning("health check failed", extra={"check": name}, exc_info=True)
        return "failing"
