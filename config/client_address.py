from django.http import HttpRequest


def seen_by_nearest_proxy(request: HttpRequest) -> str | None:
    """The last forwarded address, which our own proxy wrote; those before it are the client's claim."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return forwarded or request.META.get("REMOTE_ADDR")
