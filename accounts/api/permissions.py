from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.errors import OrganizationRequired
from accounts.models import Role, User


class OrganizationPermission(BasePermission):
    """Members with `read_role` read, members with `write_role` write.

    A view sets other roles for single actions or methods with `required_roles`, for example
    `{"cancel": Role.OPERATOR, "delete": Role.MANAGER}`. Staff without a membership only read.
    """

    read_role: ClassVar[Role] = Role.VIEWER
    write_role: ClassVar[Role] = Role.OPERATOR
    message = "Your role does not allow this action"
    code = "role_not_allowed"

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: User | AnonymousUser = request.user
        if not isinstance(user, User):
            return False
        if user.membership is None:
            if request.method in SAFE_METHODS and user.sees_all_organizations:
                return True
            raise OrganizationRequired
        return user.has_role(self._required_role(request, view))

    def _required_role(self, request: Request, view: APIView) -> Role:
        special: dict[str, Role] = getattr(view, "required_roles", {})
        method = (request.method or "").lower()
        for name in (getattr(view, "action", None), method):
            if name in special:
                return special[name]
        return self.read_role if request.method in SAFE_METHODS else self.write_role


class ManagerWrites(OrganizationPermission):
    write_role = Role.MANAGER


class OwnerWrites(OrganizationPermission):
    write_role = Role.OWNER


class OperatorOnly(OrganizationPermission):
    read_role = Role.OPERATOR


class ManagerOnly(OrganizationPermission):
    read_role = Role.MANAGER
    write_role = Role.MANAGER


class OwnerOnly(OrganizationPermission):
    read_role = Role.OWNER
    write_role = Role.OWNER
