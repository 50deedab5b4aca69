"""Schedules of the app below the kernel, which cannot declare its own."""

from datetime import time

from django.utils import timezone

from accounts.services import delete_expired_tokens, delete_old_idempotency_records
from jobs.schedules import schedule


@schedule(name="accounts_idempotency", minutes=60)
def forget_stored_answers() -> int:
    return delete_old_idempotency_records(now=timezone.now())


@schedule(name="accounts_tokens", daily_at=time(2, 20))
def forget_expired_tokens() -> int:
    return delete_expired_tokens(now=timezone.now())
