"""What the OpenAPI generator cannot see by itself."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    location=OpenApiParameter.HEADER,
    description="Same key and body: the stored answer, with the header `Idempotent-Replayed: true`.",
)


ERROR_ANSWER = {
    "description": "What went wrong, for people and for programs.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error", "code"],
                "properties": {
                    "success": {"type": "boolean", "enum": [False]},
                    "error": {"type": "string"},
                    "code": {"type": "string"},
                    "fields": {"type": "object", "additionalProperties": {}},
                },
            }
        }
    },
}


def add_error_answers(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Every operation may be refused, always in the same form: said once for all of them."""
    result["components"].setdefault("responses", {})["Error"] = ERROR_ANSWER
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["4XX"] = {"$ref": "#/components/responses/Error"}
    return result


class ErrorSerializer(serializers.Serializer[dict[str, Any]]):
    error = serializers.CharField()
    code = serializers.CharField()
    fields_ = serializers.DictField(required=False, help_text="Only for invalid fields.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a property of every serializer, so the name is given here."""
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.BearerTokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class ContractSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.ContractSessionAuthentication"
    name = "sameOriginCookieAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
