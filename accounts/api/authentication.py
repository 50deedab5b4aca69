from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.authentication import (
    BaseAuthentication,
    CSRFCheck,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import (
    AuthenticationFailed,
    PermissionDenied,
    UnsupportedMediaType,
)
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.selectors import get_live_token
from accounts.services import record_token_use


class BearerTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: the token's user, acting for the token's organization."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        now = timezone.now()
        token = get_live_token(plain=secret.strip().decode("latin-1"), now=now)
        if token is None:
            raise AuthenticationFailed
        record_token_use(token=token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ContractSessionAuthentication(SessionAuthentication):
    """The session cookie, without a CSRF header, for paths whose clients send none.

    Safe because a browser cannot make another site's page pass these checks: a foreign page cannot
    hide its Origin, and JSON is no content type that a form can send. A request that carries the
    CSRF header is checked as everywhere else.
    """

    def enforce_csrf(self, request: Request) -> None:
        if "HTTP_X_CSRFTOKEN" in request.META:
            super().enforce_csrf(request)
            return
        if not _is_same_origin(request):
            raise PermissionDenied("Cross-origin request refused", code="cross_origin")
        if request.method == "POST" and not _is_json(request):
            raise UnsupportedMediaType(request.content_type or "")


def _is_same_origin(request: Request) -> bool:
    site = request.META.get("HTTP_SEC_FETCH_SITE", "same-origin")
    # A page opened from the address bar sends "none"; it can only read.
    allowed = {"same-origin", "none"} if request.method in SAFE_METHODS else {"same-origin"}
    if site not in allowed:
        return False
    return "HTTP_ORIGIN" not in request.META or _is_known_origin(request._request)


def _is_known_origin(request: HttpRequest) -> bool:
    """Django's own rule: our scheme and host, or an entry of CSRF_TRUSTED_ORIGINS."""
    check = CSRFCheck(lambda _: HttpResponse())
    return bool(check._origin_verified(request))  # type: ignore[attr-defined]


def _is_json(request: Request) -> bool:
    media_type = (request.content_type or "").partition(";")[0]
    return media_type.strip().lower() == "application/json"
