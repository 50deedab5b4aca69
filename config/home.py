from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import OrganizationKind, Role, User


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Everybody's first page: the admin for staff; for the others the scan page of their work."""
    user = request.user
    if user.is_staff:
        return redirect("admin:index")
    return redirect("intake:station" if _takes_phones_in(user) else "scan:home")


def _takes_phones_in(user: User | AnonymousUser) -> bool:
    organization = user.organization if isinstance(user, User) else None
    is_warehouse = organization is not None and organization.kind == OrganizationKind.WAREHOUSE
    return is_warehouse and isinstance(user, User) and user.has_role(Role.OPERATOR)
