"""Who may do what to a job over an API: members by their role, staff by a Django permission."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import OrganizationPermission
from accounts.models import Role, User
from jobs.errors import VerbNotAllowed
from jobs.models import Job


class JobPermission(OrganizationPermission):
    """Viewers read; the rest depends on the job and is asked by `require_verb`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        is_staff = isinstance(user, User) and user.sees_all_organizations
        if is_staff and request.method not in SAFE_METHODS:
            return True
        return super().has_permission(request, view)


def require_verb(*, user: User, verb: str, job: Job) -> None:
    """Raise VerbNotAllowed unless the user may do this ("cancel", "retry", ...) to the job.

    In their own organization operators cancel the jobs that they created, and managers do everything
    to every job. Beyond it only staff with the model's permission do.
    """
    if not (_may_by_role(user, verb, job) or _may_as_staff(user, verb, job)):
        raise VerbNotAllowed


def _may_by_role(user: User, verb: str, job: Job) -> bool:
    if user.organization is None or user.organization.pk != job.organization_id:
        return False
    if verb == "cancel" and job.created_by_id == user.pk:
        return user.has_role(Role.OPERATOR)
    return user.has_role(Role.MANAGER)


def _may_as_staff(user: User, verb: str, job: Job) -> bool:
    return user.sees_all_organizations and user.has_perm(type(job).permission_for(verb))
