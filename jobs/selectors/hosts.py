from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from jobs.models import WorkerHost

SILENT_AFTER = timedelta(seconds=60)
IS_ALIVE = ExpressionWrapper(Q(seen_at__gte=Now() - SILENT_AFTER), output_field=BooleanField())


def list_hosts(*, limit: int = 50) -> list[WorkerHost]:
    """The worker hosts of the last day, each with `alive`, the one seen last first."""
    return list(WorkerHost.objects.annotate(alive=IS_ALIVE).order_by("-seen_at", "pk")[:limit])
