"""What the scan pages read. They show one organization: the one that the person acts for."""

from qrtracking.scan_selectors.batches import (
    BatchOverview,
    CaseRanges,
    get_case_ranges,
    get_overview,
    list_open_batches,
    list_variants_of_batch,
)
from qrtracking.scan_selectors.cases import (
    CASES_SHOWN,
    PARTS,
    UNITS_SHOWN,
    CasePart,
    PlannedUnits,
    SpoiledUnit,
    count_case_parts,
    get_case,
    get_planned_units,
    list_batch_cases,
    list_spoiled,
    list_spoiled_of,
    list_units_in,
)
from qrtracking.scan_selectors.history import list_case_events, list_events
from qrtracking.scan_selectors.jobs import (
    get_job,
    get_last_job_now,
    has_ready_units,
    list_batch_jobs,
)
from qrtracking.scan_selectors.labels import (
    Label,
    find_case,
    find_label,
    get_found_case,
    get_found_unit,
    list_linked_sequences,
)
from qrtracking.scan_selectors.situation import get_situation

__all__ = [
    "CASES_SHOWN",
    "PARTS",
    "UNITS_SHOWN",
    "BatchOverview",
    "CasePart",
    "CaseRanges",
    "Label",
    "PlannedUnits",
    "SpoiledUnit",
    "count_case_parts",
    "find_case",
    "find_label",
    "get_case",
    "get_case_ranges",
    "get_found_case",
    "get_found_unit",
    "get_job",
    "get_last_job_now",
    "get_overview",
    "get_planned_units",
    "get_situation",
    "has_ready_units",
    "list_batch_cases",
    "list_batch_jobs",
    "list_case_events",
    "list_events",
    "list_linked_sequences",
    "list_open_batches",
    "list_spoiled",
    "list_spoiled_of",
    "list_units_in",
    "list_variants_of_batch",
]
