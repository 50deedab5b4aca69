"""Which function does which job, and how it wants to be run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobs.errors import HandlerMissing

if TYPE_CHECKING:
    from jobs.context import SliceContext
    from jobs.models import Job


@dataclass(frozen=True)
class SliceSize:
    """Rows per slice: adapts between low and high, so that a slice takes 0.3 to 1 s."""

    start: int = 500
    low: int = 10
    high: int = 50_000

    @classmethod
    def fixed(cls, rows: int) -> "SliceSize":
        return cls(rows, rows, rows)

    def adapt(self, size: int, seconds: float) -> int:
        if seconds > 1:
            return max(self.low, size // 2)
        if seconds < 0.3:
            return min(self.high, size + max(1, size // 2))
        return size


@dataclass(frozen=True)
class Continue:
    """There is more to do. `changes`: column values of the job to commit with the slice."""

    progress: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    summary: dict[str, Any] | None = None
    message: str = "Job completed"
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Later:
    """Nothing can be done before `at`: the job waits until then, without counting an attempt."""

    at: datetime
    changes: dict[str, Any] = field(default_factory=dict)


Outcome = Continue | Done | Later
HandlerFunction = Callable[[Any, "SliceContext"], Outcome]


@dataclass(frozen=True)
class Handler:
    name: str
    function: HandlerFunction
    model: type["Job"]
    queue: str
    atomic: bool
    slice_size: SliceSize
    statement_timeout_seconds: int
    limit_transient: bool
    on_end: Callable[[Any], None] | None
    on_cancel: Callable[[Any], None] | None


_handlers: dict[str, Handler] = {}


def job_handler(  # noqa: PLR0913 (keyword-only: the properties of a handler)
    model: type["Job"],
    *,
    job_type: str | None = None,
    queue: str = "default",
    atomic: bool = True,
    slice_size: SliceSize | int = SliceSize(),
    statement_timeout_seconds: int = 30,
    limit_transient: bool = False,
    on_end: Callable[[Any], None] | None = None,
    on_cancel: Callable[[Any], None] | None = None,
) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the function that does one slice of a job of `model` per call.

    With `atomic` the job row is locked and the slice is one transaction; without, the function
    runs outside of transactions while the lease is renewed, and writes by `ctx.commit`.
    `on_end(job)` runs in the transaction that ends the job: done, failed or cancelled.
    `on_cancel(job)` runs in the transaction that asks for the cancellation, before its answer.
    """

    def register(function: HandlerFunction) -> HandlerFunction:
        name = model.job_label() if job_type is None else f"{model.job_label()}:{job_type}"
        if name in _handlers:
            raise ValueError(f"Two handlers for {name}")
        size = SliceSize.fixed(slice_size) if isinstance(slice_size, int) else slice_size
        _handlers[name] = Handler(
            name, function, model, queue, atomic, size, statement_timeout_seconds,
            limit_transient, on_end, on_cancel,
        )  # fmt: skip
        return function

    return register


def get_handler(name: str) -> Handler:
    try:
        return _handlers[name]
    except KeyError:
        raise HandlerMissing from None


def list_handlers() -> list[Handler]:
    return sorted(_handlers.values(), key=lambda handler: handler.name)


def list_job_models() -> list[type["Job"]]:
    """Every model with a handler, once, by label."""
    return sorted({handler.model for handler in _handlers.values()}, key=lambda m: m.job_label())


def get_job_model(label: str) -> type["Job"]:
    for model in list_job_models():
        if model.job_label() == label:
            return model
    raise HandlerMissing
