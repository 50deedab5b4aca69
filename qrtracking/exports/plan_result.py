"""What becomes of each unit of a packing plan, for whoever sent it."""

from collections.abc import Iterator
from typing import Any

from qrtracking.exports.pages import PAGE_ROWS, read_pages
from qrtracking.models import PackingPlan
from qrtracking.rules.plan_words import reason_text
from tables.cells import Row
from tables.streaming import Sheet

HEADER = ("Row", "Master", "Case", "Unit", "Code", "Outcome", "Reason")
_WIDTHS = (8, 48, 8, 56, 56, 12, 44)


def plan_sheet(*, plan: PackingPlan) -> Sheet:
    return Sheet("Packing Plan", HEADER, plan_rows(plan=plan), _WIDTHS)


def plan_rows(*, plan: PackingPlan, page_rows: int = PAGE_ROWS) -> Iterator[Row]:
    """In the order of the file. A unit that is not checked yet has no outcome."""
    pages = read_pages(
        "export_plan",
        {"plan": plan.pk},
        first_key={"after_row": 0, "after_position": 0},
        key_of=lambda row: {"after_row": row[0], "after_position": row[1]},
        page_rows=page_rows,
    )
    for page in pages:
        yield from map(_row, page)


def file_stem(*, plan: PackingPlan) -> str:
    """With the end of the plan's id: an order may have many plans."""
    return f"Packing_Plan_{plan.order.order_no}_{str(plan.pk)[-8:]}"


def _row(row: tuple[Any, ...]) -> Row:
    row_no, _, master, case_number, unit, code, outcome, reason, detail = row
    return (row_no, master, case_number, unit, code, outcome, reason_text(reason, detail))
