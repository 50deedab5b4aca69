"""The Content-Security-Policy of each part of the site: strict, with named exceptions by path."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE, WASM_UNSAFE_EVAL
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "media-src": [SELF, "blob:"],
    "worker-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
# The theme's Alpine.js evaluates the expressions in its attributes and sets style attributes.
ADMIN = STRICT | {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
# Swagger UI injects style elements.
# The reader of camera pictures is WebAssembly, which runs in a worker.
SCAN = STRICT | {"script-src": [SELF, WASM_UNSAFE_EVAL], "worker-src": [SELF]}
API_DOCS = STRICT | {"style-src": [SELF, UNSAFE_INLINE]}

POLICIES_BY_PREFIX = {"/admin/": ADMIN, "/api/docs": API_DOCS, "/scan/": SCAN}


class PathCSPMiddleware(CSPMiddleware):
    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only:
            for prefix, directives in POLICIES_BY_PREFIX.items():
                if request.path_info.startswith(prefix):
                    parts.config = directives
        return parts
