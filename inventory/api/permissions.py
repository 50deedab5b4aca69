from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import OrganizationPermission
from inventory.api.authentication import OpenAccess


class QueuePermission(OrganizationPermission):
    """Roles as everywhere. Without a token one may read, add and process the next item.

    That is all as long as QUEUE_API_ANONYMOUS_ORG is set, and nothing otherwise.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, OpenAccess):
            return super().has_permission(request, view)
        if request.method in SAFE_METHODS or getattr(view, "is_open", False):
            return True
        raise NotAuthenticated
