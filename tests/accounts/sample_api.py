"""Views and addresses that exist only for the tests of accounts' API parts and pages."""

import threading

from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, OperationalError, connection
from django.http import Http404, HttpResponse
from django.urls import include, path
from django.views import View
from rest_framework import exceptions, serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import OrganizationRequiredMixin, organization_required
from accounts.api.authentication import (
    BearerTokenAuthentication,
    ContractSessionAuthentication,
)
from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.parsers import JSONObjectParser
from accounts.api.permissions import (
    ManagerOnly,
    ManagerWrites,
    OperatorOnly,
    OrganizationPermission,
    OwnerOnly,
    OwnerWrites,
)
from accounts.errors import DomainError
from accounts.models import Organization, Role
from accounts.services import create_organization


class CaseFull(DomainError):
    """This case is full."""

    code = "case_full"
    kind = "conflict"


class WhoAmI(APIView):
    permission_classes = [OrganizationPermission]

    def get(self, request):
        return Response(
            {"user": request.user.username, "organization": request.user.organization.slug}
        )

    post = get
    delete = get


class ContractWhoAmI(WhoAmI):
    authentication_classes = [BearerTokenAuthentication, ContractSessionAuthentication]
    envelope = "success"


class Item(serializers.Serializer):
    price = serializers.DecimalField(max_digits=5, decimal_places=2)


class Order(serializers.Serializer):
    name = serializers.CharField()
    items = Item(many=True, required=False)

    def validate_name(self, name):
        if name == "taken":
            raise serializers.ValidationError("This name is taken.")
        return name

    def validate(self, values):
        if values["name"] == "impossible":
            raise serializers.ValidationError("These values do not go together.")
        return values


class ValidateOrder(GenericAPIView):
    permission_classes = [AllowAny]
    serializer_class = Order

    def post(self, request):
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        return Response({"ok": True})


def zero_byte():
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", ["a\x00b"])


FAILURES = {
    "domain": lambda: CaseFull(extra={"case_number": 7}),
    "http404": lambda: Http404("secret table"),
    "forbidden": lambda: PermissionDenied("secret"),
    "suspicious": lambda: SuspiciousOperation("secret"),
    "model": lambda: ModelValidationError({"name": ["Too long."]}),
    "crash": lambda: RuntimeError("secret traceback"),
    "data": lambda: DataError("secret column"),
    "database_away": lambda: OperationalError("secret host"),
    "throttled": lambda: exceptions.Throttled(wait=9),
    "not_found": exceptions.NotFound,
    "page": lambda: exceptions.NotFound("Invalid page."),
    "unavailable": lambda: exceptions.APIException("secret host"),
    "parse": lambda: exceptions.ParseError("Multipart form parse error"),
    "denied": lambda: exceptions.PermissionDenied("Only on Mondays", code="mondays"),
}


class Fail(APIView):
    permission_classes = [AllowAny]

    def get(self, request, kind):
        if kind == "zero_byte":
            zero_byte()
        raise FAILURES[kind]()


class FailInEnvelope(Fail):
    envelope = "success"


class CreateOrganization(IdempotentCreateMixin, APIView):
    """Creates the organization first and fails afterwards, when asked to."""

    permission_classes = [OrganizationPermission]
    entered = threading.Event()
    leave = threading.Event()

    def get(self, request):
        return Response({"count": Organization.objects.count()})

    def post(self, request):
        made = create_organization(kind="buyer", name="New", slug=request.data["slug"])
        behaviour = request.data.get("behaviour")
        if behaviour == "wait":
            self.entered.set()
            self.leave.wait(10)
        if behaviour == "refuse":
            raise DomainError("Refused on purpose")
        if behaviour == "conflict":
            raise CaseFull
        if behaviour == "crash":
            raise RuntimeError("secret")
        if behaviour == "file":
            return HttpResponse(b"\x89PNG", content_type="image/png")
        return Response({"id": made.pk}, status=201, headers={"Location": f"/made/{made.slug}"})

    def delete(self, request):
        return Response(status=204)


class CreateInSteps(CreateOrganization):
    idempotency_atomic = False


class Upload(IdempotentCreateMixin, APIView):
    permission_classes = [OrganizationPermission]
    parser_classes = [MultiPartParser]

    def post(self, request):
        return Response({"length": len(request.data["file"].read())})


class OpenCreate(IdempotentCreateMixin, APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        return Response({"ok": True})


class RolesByMethod(WhoAmI):
    required_roles = {"delete": Role.OWNER, "post": Role.MANAGER}


class RolesByAction(WhoAmI):
    required_roles = {"cancel": Role.OWNER}
    action = "cancel"


class JsonOnly(ValidateOrder):
    parser_classes = [JSONObjectParser]


class ManagersPage(OrganizationRequiredMixin, View):
    required_role = Role.MANAGER

    def get(self, request):
        return HttpResponse("managed")

    post = get


@organization_required()
def members_page(request, number):
    return HttpResponse(f"member {number}")


def guarded(permission):
    return WhoAmI.as_view(permission_classes=[permission])


urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("who", WhoAmI.as_view()),
    path("contract/who", ContractWhoAmI.as_view()),
    path("orders", ValidateOrder.as_view()),
    path("json-orders", JsonOnly.as_view()),
    path("fail/<kind>", Fail.as_view()),
    path("contract/fail/<kind>", FailInEnvelope.as_view()),
    path("organizations", CreateOrganization.as_view()),
    path("other-organizations", CreateOrganization.as_view()),
    path("steps", CreateInSteps.as_view()),
    path("upload", Upload.as_view()),
    path("open", OpenCreate.as_view()),
    path("roles/default", guarded(OrganizationPermission)),
    path("roles/manager-writes", guarded(ManagerWrites)),
    path("roles/owner-writes", guarded(OwnerWrites)),
    path("roles/operator-only", guarded(OperatorOnly)),
    path("roles/manager-only", guarded(ManagerOnly)),
    path("roles/owner-only", guarded(OwnerOnly)),
    path("roles/by-method", RolesByMethod.as_view()),
    path("roles/by-action", RolesByAction.as_view()),
    path("pages/managers", ManagersPage.as_view()),
    path("pages/members/<int:number>", members_page),
]
