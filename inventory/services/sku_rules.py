"""SKU rules applied to the devices that are there already."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from inventory import statements
from inventory.models import StockJob, StockJobKind
from inventory.rules.sku import MATCHED, Rule, choose_sku
from inventory.services.judging import read_rule_book
from jobs.context import SliceContext
from jobs.logs import write_log
from jobs.registry import Continue, Done, Outcome
from jobs.services import submit_job

CHUNK = 2_000
# Some seconds of a request.
PREVIEWED = 50_000
EXAMPLES = 20


@dataclass
class Preview:
    looked_at: int
    changing: int
    # All devices were looked at.
    is_whole: bool
    # IMEI, SKU now, SKU by the rules.
    examples: list[tuple[str, str | None, str | None]]


@dataclass(frozen=True)
class _Chosen:
    """Devices whose SKU would be another one, and where the next ones begin."""

    rows: list[dict[str, Any]]
    seen: int
    last_imei: str


def preview_sku_rules(*, organization_id: UUID, most: int = PREVIEWED) -> Preview:
    """What applying the rules would change; of the first `most` devices by IMEI. Locks nothing."""
    rules = read_rule_book(organization_id).sku_rules
    preview, after = Preview(0, 0, is_whole=False, examples=[]), ""
    while preview.looked_at < most:
        rows = _read("list_skus", organization_id, after, CHUNK)
        for row in rows:
            if wanted := _judge(row, rules):
                preview.changing += 1
                preview.examples.append((row[1], row[3], wanted["sku"]))
        del preview.examples[EXAMPLES:]
        preview.looked_at += len(rows)
        if len(rows) < CHUNK:
            preview.is_whole = True
            break
        after = rows[-1][1]
    return preview


@transaction.atomic
def submit_sku_rules(*, organization_id: UUID, actor: User | None, reason: str = "") -> StockJob:
    """Apply the rules as a job."""
    job = submit_job(
        StockJob(
            organization_id=organization_id, created_by=actor, kind=StockJobKind.APPLY_SKU_RULES
        )
    )
    if reason:
        write_log(job, f"Reason: {reason}")
    return job


def apply_sku_rules(job: StockJob, ctx: SliceContext) -> Outcome:
    """One slice; the job's cursor is the last IMEI."""
    rules = read_rule_book(job.organization_id).sku_rules
    chosen = _choose(job.organization_id, rules, job.cursor.get("imei", ""), ctx.slice_size)
    if chosen.rows:
        statements.execute("write_skus", {"rows": json.dumps(chosen.rows)})
    if chosen.seen < ctx.slice_size:
        total = job.row_count + len(chosen.rows)
        return Done({"changed": total}, "SKU rules applied", {"row_count": total})
    return Continue(
        changes={
            "cursor": {"imei": chosen.last_imei},
            "row_count": F("row_count") + len(chosen.rows),
        }
    )


def _choose(organization_id: UUID, rules: tuple[Rule, ...], after: str, limit: int) -> _Chosen:
    rows = _read("read_skus", organization_id, after, limit)
    changed = [row for row in (_judge(row, rules) for row in rows) if row is not None]
    return _Chosen(changed, len(rows), rows[-1][1] if rows else after)


def _read(name: str, organization_id: UUID, after: str, limit: int) -> list[tuple[Any, ...]]:
    return statements.fetch_all(
        name, {"organization": organization_id, "after": after, "limit": limit}
    )


def _judge(row: tuple[Any, ...], rules: tuple[Rule, ...]) -> dict[str, Any] | None:
    """The device's new SKU; None when it has it already."""
    pk, _imei, assumed, sku, source, *parts = row
    values = dict(zip(MATCHED, parts, strict=True))
    known = {name: None if name in assumed else value for name, value in values.items()}
    wanted = choose_sku(rules, known)
    if wanted == (sku, source):
        return None
    return {"id": pk, "sku": wanted[0], "sku_source": wanted[1]}
