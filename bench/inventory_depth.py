"""What claims, process-next and readers wait for when much lies in the tables."""

from functools import partial
from typing import Any

from bench.database import execute, vacuum
from bench.explaining import Question, explain
from bench.inventory_fill import TABLES, fill_beside, fill_devices, fill_items
from bench.inventory_site import Spread, Warehouse, empty_queue, post, time_runs

SLICE = 200
CLAIMS = 60
NEXTS = 60
DUE_INDEX = "iq_due_idx"

# What claims took is pending again, and nobody waits for it.
_RELEASE = """
    UPDATE imei_data_queue SET status = 'pending', locked_at = NULL, locked_by = NULL,
        lease_token = NULL
    WHERE status = 'processing'
"""


def measure_depths(warehouse: Warehouse, rows: int) -> dict[str, Any]:
    """With a tenth of the rows and with all of them pending, before any ANALYZE."""
    empty_queue()
    execute("ALTER TABLE imei_data_queue SET (autovacuum_enabled = false)")
    shallow = rows // 10
    fill_items(warehouse, 1, shallow)
    few = measure_depth(warehouse, shallow)
    fill_items(warehouse, shallow + 1, rows - shallow)
    many = measure_depth(warehouse, rows)
    execute("ALTER TABLE imei_data_queue SET (autovacuum_enabled = true)")
    facts = {f"{name}_few": value for name, value in few.items()}
    facts |= {f"{name}_many": value for name, value in many.items()}
    for name in ("claim_one", "claim_slice", "next"):
        facts[f"{name}_ratio"] = facts[f"{name}_median_ms_many"] / facts[f"{name}_median_ms_few"]
    uses = [few["claims_by_index"], many["claims_by_index"]]
    return facts | {"claims_by_index": min(uses)}


def measure_depth(warehouse: Warehouse, depth: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"depth": depth, "claims_by_index": claims_by_index(warehouse)}
    facts |= spread("claim_one", time_runs(lambda: claim(warehouse, 1), CLAIMS))
    # Small depths, as of a quick look, have fewer slices to give.
    slices = min(CLAIMS, depth // (2 * SLICE))
    facts |= spread("claim_slice", time_runs(lambda: claim(warehouse, SLICE), slices))
    execute(_RELEASE)
    facts |= spread("next", time_runs(lambda: post(warehouse, "process-next"), NEXTS))
    return facts


def spread(name: str, found: Spread) -> dict[str, float]:
    return {
        f"{name}_median_ms": found.median,
        f"{name}_p95_ms": found.p95,
        f"{name}_cpu_ms": found.cpu,
    }


def claim(warehouse: Warehouse, limit: int) -> None:
    from inventory.services.claims import ClaimKind
    from inventory.services.claims import claim as claim_items

    found = claim_items(
        organization_id=warehouse.organization.pk,
        kind=ClaimKind.CLEAN,
        limit=limit,
        worker="bench",
    )
    if len(found.items) != limit:
        raise SystemExit(f"claimed {len(found.items)} of {limit}")


def claims_by_index(warehouse: Warehouse) -> int:
    """How many of the two claims read the index of due rows, and nothing else, in its order."""
    plans = [
        explain(Question(f"claim {limit}", partial(claim, warehouse, limit), "due AS"))
        for limit in (1, SLICE)
    ]
    return sum(
        f"Index Scan {DUE_INDEX}" in plan.nodes and "Sort" not in due_nodes(plan.text)
        for plan in plans
    )


def due_nodes(text: str) -> str:
    """The part of a plan that picks the rows."""
    return text.partition("CTE due")[2].partition("CTE claimed")[0]


def fill_all(warehouse: Warehouse, rows: int) -> int:
    beside = fill_beside(warehouse, rows)
    fill_devices(warehouse, rows)
    vacuum(*TABLES)
    return rows + beside
