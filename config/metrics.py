"""`/metrics`: the gauges of all apps for a monitoring system, read from the database when it asks."""

import logging
import secrets
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jobs.gauges import read_gauges

SCHEME = "Bearer "
logger = logging.getLogger(__name__)


class DatabaseCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        for gauge in read_gauges():
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, value in gauge.values.items():
                family.add_metric(labels, value)
            yield family

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before somebody asks."""
        return []


# One of our own: the library's default one tells of this process, which is one of several.
REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(DatabaseCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The gauges, for whoever sends METRICS_TOKEN; there is no such address while that is unset."""
    if not settings.METRICS_TOKEN.strip():
        raise Http404
    if not _has_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        text = generate_latest(REGISTRY)
    except DatabaseError:
        logger.warning("metrics not read", exc_info=True)
        return HttpResponse("Database is not available\n", status=503, content_type="text/plain")
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "")
    expected = f"{SCHEME}{settings.METRICS_TOKEN.strip()}"
    return secrets.compare_digest(sent.encode(), expected.encode())
