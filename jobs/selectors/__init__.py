from jobs.selectors.due import CANDIDATES, list_next_due, only_open
from jobs.selectors.failures import FAILURES_READ, Failure, group_failures
from jobs.selectors.hosts import list_hosts
from jobs.selectors.listing import (
    JobFilter,
    JobPage,
    Position,
    get_visible_job,
    list_job_types,
    list_jobs,
    list_log_tail,
)
from jobs.selectors.statistics import (
    ModelLoad,
    capped,
    list_job_types_with_load,
    list_loads,
)

__all__ = [
    "CANDIDATES",
    "FAILURES_READ",
    "Failure",
    "JobFilter",
    "JobPage",
    "ModelLoad",
    "Position",
    "capped",
    "get_visible_job",
    "group_failures",
    "list_hosts",
    "list_job_types",
    "list_job_types_with_load",
    "list_jobs",
    "list_loads",
    "list_log_tail",
    "list_next_due",
    "only_open",
]
