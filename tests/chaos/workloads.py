"""What the campaign lets workers do. A system adds its own jobs with `@workload` in a module here.

A workload submits one job and, at the end, tells what is wrong with the effects of all of them.
"""

import contextlib
import random
from abc import ABC, abstractmethod
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q

from accounts.models import Organization
from jobs.errors import JobFinished
from jobs.models import Job, OutboxMessage
from jobs.outbox import queue_email
from jobs.services import cancel_job, submit_job
from jobs.states import State
from tests.jobs.sample.models import SampleJob


class Workload(ABC):
    """One kind of job. `submitted` holds what the database has confirmed."""

    name: ClassVar[str]
    model: ClassVar[type[Job]]
    # How often it is chosen, compared with the others.
    weight: ClassVar[float] = 1

    def __init__(self) -> None:
        self.submitted: list[Any] = []

    @abstractmethod
    def submit(self, organization: Organization, chance: random.Random) -> Any:
        """Submit one job; returns its id once it is committed."""

    @abstractmethod
    def find_violations(self) -> list[str]:
        """What is not as an undisturbed run would have left it."""

    def look(self, number: int) -> list[str]:
        """What is wrong at any moment, while jobs run; looks are numbered from 1."""
        return []

    def count_open(self) -> int:
        return self.model.objects.in_state(State.WAITING, State.ACTIVE).count()

    def find_lost(self) -> list[str]:
        """Confirmed jobs that are not there, or have not ended."""
        states = (State.DONE, State.FAILED, State.CANCELLED)
        ended = set(self.model.objects.in_state(*states).values_list("pk", flat=True))
        return [f"{self.name} {job_id} lost" for job_id in self.submitted if job_id not in ended]


WORKLOADS: list[type[Workload]] = []


def workload(declared: type[Workload]) -> type[Workload]:
    WORKLOADS.append(declared)
    return declared


class SampleWorkload(Workload):
    """Numbered effects without a unique constraint: a doubled one is seen."""

    model = SampleJob
    kind: ClassVar[str] = "count"
    fault: ClassVar[str] = ""
    total: ClassVar[int] = 40
    # How the jobs may end, and with which code.
    ends: ClassVar[frozenset[tuple[str, str]]] = frozenset({("completed", "")})

    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        job = SampleJob(
            pk=uuid4(),
            organization=organization,
            kind=self.kind,
            fault=self.fault,
            total=chance.randint(self.total // 2, self.total),
            priority=chance.randint(1, 10),
            # Tells the jobs of one workload from those of another.
            correlation_id=self.name,
        )
        submit_job(job)
        return job.pk

    def find_violations(self) -> list[str]:
        jobs = SampleJob.objects.filter(correlation_id=self.name)
        wrong_ends = [
            f"{self.name} {pk} ended as {status} {code}"
            for pk, status, code in jobs.values_list("pk", "status", "error_code")
            if (status, code) not in self.ends
        ]
        unannounced = jobs.filter(~Q(ends=1)).values_list("pk", "ends")
        unfinished = jobs.filter(status="completed").filter(~Q(progress=100))
        return [
            *wrong_ends,
            *(f"{self.name} {pk} announced {ends} times" for pk, ends in unannounced),
            *(f"{self.name} {job.pk} completed at {job.progress} %" for job in unfinished),
        ]


@workload
class Counting(SampleWorkload):
    name = "count"
    weight = 4


@workload
class Slow(SampleWorkload):
    name = "slow"
    kind = "slow"
    total = 120
    weight = 4


@workload
class Outside(SampleWorkload):
    name = "outside"
    kind = "outside"
    total = 120
    weight = 4


@workload
class Flaky(SampleWorkload):
    """Fails now and then with something that passes by itself."""

    name = "flaky"
    fault = "flaky"
    total = 8


@workload
class Refused(SampleWorkload):
    name = "refused"
    fault = "refused"
    ends = frozenset({("failed", "sample_refused")})


@workload
class Buggy(SampleWorkload):
    name = "bug"
    fault = "bug"
    ends = frozenset({("failed", "internal_error")})


@workload
class Poisonous(SampleWorkload):
    """Kills its worker, whoever takes it."""

    name = "poison"
    weight = 0.4
    fault = "kill"
    ends = frozenset({("failed", "poison")})


@workload
class Cancelled(SampleWorkload):
    """Somebody changes their mind about one that was submitted before."""

    name = "cancelled"
    kind = "slow"
    total = 200
    ends = frozenset({("cancelled", ""), ("completed", "")})

    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        if self.submitted:
            # That it has ended already is an answer like another one.
            with contextlib.suppress(JobFinished):
                cancel_job(SampleJob.objects.get(pk=chance.choice(self.submitted)), actor=None)
        return super().submit(organization, chance)


@workload
class Mail(Workload):
    name = "mail"
    model = OutboxMessage

    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        key = str(uuid4())
        with transaction.atomic():
            message = queue_email(
                organization_id=organization.pk,
                to=["a@example.com"],
                subject="s",
                body="b",
                key=key,
            )
        if message is None:
            raise AssertionError("a new key was known")
        return message.pk

    def find_violations(self) -> list[str]:
        unsent = OutboxMessage.objects.exclude(status="sent").values_list("pk", "status")
        return [f"mail {pk} ended as {status}" for pk, status in unsent]


def find_inexact_samples() -> list[str]:
    """Sample jobs whose counter differs from their rows, doubled or missing ones included.

    One statement is one snapshot, so it holds at every moment, not only at the end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.kind, job.id, job.status, job.written, effects.count, effects.numbers
            FROM sample_job job
            CROSS JOIN LATERAL (
                SELECT count(*) AS count, count(DISTINCT number) AS numbers,
                    coalesce(max(number) + 1, 0) AS reach
                FROM sample_effect effect WHERE effect.job_id = job.id
            ) effects
            WHERE job.written <> effects.count
                OR effects.count <> effects.numbers
                OR effects.reach <> effects.numbers
                OR (job.status = 'completed' AND job.written <> job.total)
            """
        )
        return [
            f"{kind} {pk} {status}: written {written}, rows {rows}, distinct {numbers}"
            for kind, pk, status, written, rows, numbers in cursor.fetchall()
        ]
