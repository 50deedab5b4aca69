"""The file of a packing plan, read line by line."""

from collections.abc import Generator
from contextlib import closing
from typing import BinaryIO, cast

from qrtracking.errors.plans import PlanFileMissing
from qrtracking.models import PackingPlan
from qrtracking.rules.plan_rows import PlanRow, parse_row
from tables.reading import Limits, read_table

MAX_BYTES = 16 * 1024 * 1024
# One unit a row, and then some.
MAX_ROWS = 600_000
LIMITS = Limits(max_bytes=MAX_BYTES, max_rows=MAX_ROWS)


def read_rows(plan: PackingPlan, *, after: int = 0) -> Generator[PlanRow, None, None]:
    """The rows in which something is written, from the one behind `after` on.

    Raises PlanFileMissing and the errors of `tables.errors`.
    """
    try:
        file = plan.file.open("rb")
    except (OSError, ValueError) as error:
        raise PlanFileMissing from error
    with closing(file), closing(read_table(cast(BinaryIO, file), limits=LIMITS)) as lines:
        for row_no, cells in enumerate(lines, 1):
            row = parse_row(row_no, cells) if row_no > after else None
            if row is not None:
                yield row
