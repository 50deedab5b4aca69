from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import OrganizationPermission
from accounts.models import User


class ContractPermission(OrganizationPermission):
    """Roles as everywhere; what a user without an organization is told, the contract fixes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if isinstance(user, User) and user.membership is None:
            return True
        return super().has_permission(request, view)
