"""One effect for a request that is sent again with the same Idempotency-Key.

A request is identified by its organization, user, path and key. By default everything happens in one
transaction: the effect and the stored answer commit together, so a killed process leaves neither. A
transaction-level advisory lock tells a second request at once that the first one is still running.

A request that needs several transactions of its own (`answer_once_committed`) leaves a record without
status while it runs.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.errors import (
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyRequestRunning,
)
from accounts.models import IdempotencyRecord, Organization, User

LONGEST_KEY = 200
# Longer than any request may take: the process of an older record without status was killed.
RUNNING_AT_MOST = timedelta(minutes=10)
# Answers that tell about the moment and not about the request.
NOT_FINAL = frozenset({401, 408, 409, 425, 429})


@dataclass(frozen=True)
class IdempotentRequest:
    organization: Organization
    user: User
    path: str
    key: str
    digest: str

    def __post_init__(self) -> None:
        if not (0 < len(self.key) <= LONGEST_KEY and self.key.isprintable()):
            raise IdempotencyKeyInvalid

    @property
    def lock_number(self) -> int:
        name = f"{self.organization.pk}|{self.user.pk}|{self.path}|{self.key}"
        number = hashlib.sha256(name.encode()).digest()[:8]
        return int.from_bytes(number, signed=True)


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str = ""
    is_storable: bool = True
    is_replayed: bool = False

    @property
    def is_final(self) -> bool:
        return self.is_storable and self.status < 500 and self.status not in NOT_FINAL


def answer_once(*, request: IdempotentRequest, produce: Callable[[], Answer]) -> Answer:
    """Run `produce` and keep its answer, or return the answer that was kept before.

    `produce` undoes its own effects when its answer is an error.
    """
    with transaction.atomic():
        _lock(request)
        record = _find(request)
        if record is not None:
            return _replay(record, request)
        answer = produce()
        if answer.is_final:
            _insert(request, answer)
        return answer


def answer_once_committed(
    *, request: IdempotentRequest, produce: Callable[[], Answer], now: datetime
) -> Answer:
    """Like `answer_once`, with `produce` outside any transaction."""
    with transaction.atomic():
        _lock(request)
        record = _find(request)
        if record is not None and record.status is None and _is_abandoned(record, now):
            record.delete()
            record = None
        if record is not None:
            return _replay(record, request)
        record = _insert(request, None)
    try:
        answer = produce()
    except BaseException:
        record.delete()
        raise
    if answer.is_final:
        _complete(record, answer)
    else:
        record.delete()
    return answer


def _lock(request: IdempotentRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [request.lock_number])
        row = cursor.fetchone()
    if not row[0]:
        raise IdempotencyRequestRunning


def _find(request: IdempotentRequest) -> IdempotencyRecord | None:
    return IdempotencyRecord.objects.filter(
        organization=request.organization,
        user=request.user,
        path=request.path,
        key=request.key,
    ).first()


def _is_abandoned(record: IdempotencyRecord, now: datetime) -> bool:
    return record.created_at < now - RUNNING_AT_MOST


def _replay(record: IdempotencyRecord, request: IdempotentRequest) -> Answer:
    if record.request_digest != request.digest:
        raise IdempotencyKeyReused
    if record.status is None:
        raise IdempotencyRequestRunning
    return Answer(record.status, record.body, record.location, is_replayed=True)


def _insert(request: IdempotentRequest, answer: Answer | None) -> IdempotencyRecord:
    return IdempotencyRecord.objects.create(
        organization=request.organization,
        user=request.user,
        path=request.path,
        key=request.key,
        request_digest=request.digest,
        status=answer.status if answer else None,
        body=answer.body if answer else "",
        location=answer.location if answer else "",
    )


def _complete(record: IdempotencyRecord, answer: Answer) -> None:
    record.status, record.body, record.location = answer.status, answer.body, answer.location
    record.save(update_fields=["status", "body", "location", "updated_at"])
