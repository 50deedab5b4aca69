from collections.abc import Callable
from typing import Any

import pytest

from jobs import registry, runner
from jobs.registry import HandlerFunction, job_handler
from tests.jobs.sample.models import SampleJob

# handle(function, **options of job_handler): the handler of the jobs of kind "probe".
Handle = Callable[..., HandlerFunction]


@pytest.fixture(autouse=True)
def _fresh_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_served_last", {})


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))

    def register(function: HandlerFunction, *, kind: str = "probe", **options: Any) -> Any:
        registry._handlers.pop(f"sample.samplejob:{kind}", None)
        return job_handler(SampleJob, job_type=kind, **options)(function)

    return register


@pytest.fixture
def doorbell(settings: Any) -> None:
    """Rings write django-q2's messages, as in production."""
    settings.JOBS_DOORBELL = "django_q"
