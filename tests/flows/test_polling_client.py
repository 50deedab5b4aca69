"""The scan page that exists: it signs in with a cookie, submits, polls, links, and shows `error`.

It knows nothing of this product but the four endpoints, and one failed poll would end its polling.
"""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, ReverseJob
from qrtracking.services import preparing
from tests.accounts.factories import make_member
from tests.jobs.parallel import DEADLINE_SECONDS, in_thread
from tests.qrtracking.api import ids_of
from tests.qrtracking.factories import make_generated_batch

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = "/api/manufacturer"
NUMBERS = ("prepared_count", "remaining_to_prepare", "total_available_in_batch")


class ShownError(Exception):
    """What the page shows to its user."""


class PollingClient:
    """Sends what the old page sends: JSON and its cookie, without a CSRF header."""

    def __init__(self, batch: Batch) -> None:
        self.ids = ids_of(batch)
        self.client = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
        self.client.force_login(make_member(Role.OPERATOR, organization=batch.organization))
        self.polls: list[dict[str, Any]] = []

    def submit(self, *excludes: str) -> str:
        return self._post("reverse-job/submit", {"exclude_codes": list(excludes)})["job_id"]

    def poll(self, job_id: str) -> dict[str, Any]:
        answer = self.client.get(f"{ROOT}/reverse-job/status", {"job_id": job_id})
        assert answer.status_code == 200, answer.content
        self.polls.append(answer.json())
        return self.polls[-1]

    def link(self, master_code: str) -> dict[str, Any]:
        return self._post("link-to-master-from-queue", {"master_code": master_code})

    def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"{ROOT}/{name}", self.ids | body, "application/json")
        data: dict[str, Any] = answer.json()
        if answer.status_code != 200 or not data["success"]:
            raise ShownError(data["error"])
        return data


class Steps:
    """Lets a worker do one slice after the other, and holds it while each is not committed yet."""

    def __init__(self) -> None:
        self._done = threading.Semaphore(0)
        self._go = threading.Semaphore(0)
        self.is_over = False

    def hold(self) -> None:
        self._done.release()
        assert self._go.acquire(timeout=DEADLINE_SECONDS), "nobody let the worker go on"

    def end(self) -> None:
        self.is_over = True
        self._done.release()

    def __iter__(self) -> Iterator[None]:
        """Once for each slice, while its transaction is open."""
        while True:
            assert self._done.acquire(timeout=DEADLINE_SECONDS), "the worker did nothing"
            if self.is_over:
                return
            yield
            self._go.release()


@pytest.fixture
def batch(settings) -> Batch:
    settings.QR_PREPARE_SLICE = 100
    return make_generated_batch(units=1000, per_case=100)


@pytest.fixture
def page(batch) -> PollingClient:
    return PollingClient(batch)


@pytest.fixture
def steps(monkeypatch) -> Steps:
    """A worker that waits after each of its slices."""
    steps, run_slice = Steps(), preparing.run_slice

    def run_and_hold(job, *, log):
        outcome = run_slice(job, log=log)
        steps.hold()
        return outcome

    monkeypatch.setattr(preparing, "run_slice", run_and_hold)
    return steps


def work(steps: Steps) -> None:
    try:
        run_due_jobs()
    finally:
        steps.end()


class TestPollingClient:
    def test_submits_polls_and_links(self, batch, page):
        job_id = page.submit("3", "4", "5", "998", "1000")

        assert page.poll(job_id)["status"] == "queued"
        run_due_jobs()
        done = page.poll(job_id)
        label = MasterCode.objects.get(batch=batch, case_number=1).master_code
        linked = page.link(label)

        assert (done["status"], done["progress"], done["prepared_count"]) == ("completed", 100, 995)
        assert done["result_summary"]["excluded_matched"] == 5
        assert linked["linked_count"] == 100
        assert linked["master_code_info"]["is_complete"] is True

    def test_is_answered_at_every_moment_of_the_job(self, page, steps):
        job_id = page.submit("3", "998")

        with in_thread(lambda: work(steps)):
            for _ in steps:
                page.poll(job_id)
                page.poll(job_id)
        last = page.poll(job_id)

        assert (last["status"], last["progress"], last["prepared_count"]) == ("completed", 100, 998)
        seen = [poll["status"] for poll in page.polls]
        assert set(seen) == {"running", "completed"}
        assert len(page.polls) > 20
        progress = [poll["progress"] for poll in page.polls]
        assert progress == sorted(progress)
        # Null, or a number that never falls back to null.
        known = [poll["total_available_in_batch"] is not None for poll in page.polls]
        assert known == sorted(known)
        assert all(set(NUMBERS) <= poll.keys() for poll in page.polls)
        for poll in page.polls:
            assert (poll["result_summary"] is None) == (poll["status"] != "completed")

    def test_is_answered_while_a_failed_step_is_tried_again(self, page, monkeypatch):
        job_id = page.submit()

        def fail(job, *, log):
            raise RuntimeError

        monkeypatch.setattr(preparing, "run_slice", fail)
        run_due_jobs()
        waiting = page.poll(job_id)
        ReverseJob.objects.update(attempts=2, run_after=waiting["created_at"])
        run_due_jobs()
        failed = page.poll(job_id)

        assert (waiting["status"], waiting["attempts"]) == ("queued", 1)
        assert (failed["status"], failed["error_code"]) == ("failed", "internal_error")
        assert failed["error_message"]

    def test_shows_the_texts_that_it_gets_under_error(self, batch, page):
        label = MasterCode.objects.get(batch=batch, case_number=1).master_code

        with pytest.raises(ShownError, match="No prepared codes available in queue"):
            page.link(label)
        page.ids["batch_id"] = "nonsense"
        with pytest.raises(ShownError, match="Batch not found"):
            page.submit()
        page.ids |= {"batch_id": str(batch.pk), "manufacturer_org_id": "x"}
        with pytest.raises(ShownError, match="User does not belong to manufacturer organization"):
            page.submit()

    def test_shows_the_lock_of_the_warehouse(self, batch, page):
        MasterCode.objects.filter(batch=batch, case_number=2).update(status="received_warehouse")

        with pytest.raises(ShownError, match=r"Job submission is disabled\."):
            page.submit()
        with pytest.raises(ShownError, match=r"Scanning and linking are disabled\."):
            page.link("CASE:1")

    def test_is_told_that_it_is_signed_out(self, page):
        page.client.logout()

        with pytest.raises(ShownError, match="Unauthorized"):
            page.submit()
