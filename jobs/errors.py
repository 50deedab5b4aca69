from accounts.errors import DomainError


class JobNotFound(DomainError):
    """Job not found"""

    code = "job_not_found"
    kind = "not_found"


class JobFinished(DomainError):
    """This job has already ended."""

    code = "job_finished"
    kind = "conflict"


class JobNotFailed(DomainError):
    """Only a failed job can be retried."""

    code = "job_not_failed"
    kind = "conflict"


class JobNotStuck(DomainError):
    """Only a running job whose worker is gone can be requeued."""

    code = "job_not_stuck"
    kind = "conflict"


class JobNotWaiting(DomainError):
    """The priority can be changed only while the job is waiting."""

    code = "job_not_waiting"
    kind = "conflict"


class HandlerMissing(DomainError):
    """No program is installed that can do this job."""

    code = "handler_missing"


class TemporaryFailure(DomainError):
    """A service that this job needs did not answer."""

    # Other than all other domain errors it is tried again, as a lost connection is.
    code = "temporary_failure"


class LeaseLost(Exception):
    """The lease was taken over or the job was ended; nothing may be written for it any more."""


class PriorityInvalid(DomainError):
    """priority must be from 1 to 10"""

    code = "priority_invalid"


class VerbNotAllowed(DomainError):
    """Your role does not allow this action"""

    code = "role_not_allowed"
    kind = "forbidden"
