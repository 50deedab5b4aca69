"""What was done in a batch."""

from uuid import UUID

from qrtracking.models import Batch, MasterCode, ScanEvent


def list_events(
    *, batch: Batch, kind: str = "", before: UUID | None = None, limit: int
) -> list[ScanEvent]:
    """What was done in a batch, the newest first, with who undid it."""
    events = ScanEvent.objects.filter(batch=batch)
    if kind:
        events = events.filter(kind=kind)
    if before is not None:
        events = events.filter(pk__lt=before)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])


def list_case_events(*, case: MasterCode, limit: int) -> list[ScanEvent]:
    """What was done with one case, the newest first."""
    events = ScanEvent.objects.filter(master_code=case)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])
