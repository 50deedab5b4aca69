"""What production must be told. All problems are named at once, so one deployment finds them all."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32
# What Django's own deployment check asks for.
SHORTEST_SECRET_KEY = 50
FEWEST_DIFFERENT_CHARACTERS = 8


def require_production_environment(environment: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured with every missing or weak setting."""
    problems = find_problems(environment)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ImproperlyConfigured(f"Not ready for production:\n{listed}")


def find_problems(environment: Mapping[str, str]) -> list[str]:
    """One readable line per setting that is missing or weak, in a fixed order."""
    problems = []
    for name, rule in REQUIRED.items():
        value = environment.get(name, "").strip()
        problem = rule(value) if value else "is missing"
        if problem:
            problems.append(f"{name} {problem}")
    for name in OPTIONAL_SECRETS:
        value = environment.get(name, "").strip()
        problem = _weak_secret(value) if value else None
        if problem:
            problems.append(f"{name} {problem}")
    return problems


def _weak_secret_key(value: str) -> str | None:
    return _weak_secret(value, shortest=SHORTEST_SECRET_KEY)


def _weak_secret(value: str, *, shortest: int = SHORTEST_SECRET) -> str | None:
    if len(value) < shortest:
        return f"is weak: it needs at least {shortest} characters"
    if len(set(value)) < FEWEST_DIFFERENT_CHARACTERS:
        return "is weak: it repeats too few characters"
    return None


def _bad_hosts(value: str) -> str | None:
    hosts = [host.strip() for host in value.split(",")]
    if "*" in hosts:
        return "must name the hosts; * lets a request choose the links that we send"
    return None if all(hosts) else "has an empty entry"


def _bad_database_url(value: str) -> str | None:
    if urlsplit(value).scheme not in ("postgres", "postgresql"):
        return "must be a postgresql:// URL"
    return None


def _bad_base_url(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "must be an absolute http(s) URL"
    if parts.query or parts.fragment or value.endswith("/"):
        return "must end without slash, query and fragment: it is printed on labels"
    return None


REQUIRED: dict[str, Callable[[str], str | None]] = {
    "SECRET_KEY": _weak_secret_key,
    "ALLOWED_HOSTS": _bad_hosts,
    "DATABASE_URL": _bad_database_url,
    "QR_HASH_SECRET": _weak_secret,
    "QR_BASE_URL": _bad_base_url,
}
OPTIONAL_SECRETS = ("QR_WORKER_SECRET", "CRON_SECRET", "METRICS_TOKEN")
