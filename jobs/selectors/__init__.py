from jobs.selectors.due import CANDIDATES, list_next_due, served
from jobs.selectors.listing import (
    JobFilter,
    JobPage,
    Position,
    get_visible_job,
    list_job_types,
    list_jobs,
    list_log_tail,
)

__all__ = [
    "CANDIDATES",
    "JobFilter",
    "JobPage",
    "Position",
    "get_visible_job",
    "list_job_types",
    "list_jobs",
    "list_log_tail",
    "list_next_due",
    "served",
]
