"""The page of one reverse job: its numbers, its log, cancel and retry."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import PreparedCode, ReverseJob, ReverseJobStatus, UnitCode
from qrtracking.views import jobs as view
from tests.qrtracking.factories import ReverseJobFactory, ReverseJobLogFactory, make_generated_batch
from tests.qrtracking.pages import HTMX, log_in, submit, user_of, words

pytestmark = pytest.mark.django_db

UNFINISHED = {ReverseJobStatus.QUEUED, ReverseJobStatus.RUNNING}


@pytest.fixture
def batch(organization):
    return make_generated_batch(
        units=50, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def manager(organization):
    return log_in(Role.MANAGER, organization, username="max")


def page(job, part=""):
    return reverse("scan:job", args=[job.pk]) + part


class TestPage:
    def test_sends_strangers_to_the_login(self, client, batch):
        job = ReverseJobFactory(batch=batch)

        assert client.get(page(job))["Location"] == f"/login?next={page(job)}"

    def test_does_not_hint_at_jobs_of_others(self, elsewhere, batch):
        job = ReverseJobFactory(batch=batch)

        for part in ("", "cancel/"):
            foreign = elsewhere.get(page(job, part))
            unknown = elsewhere.get(page(ReverseJob(pk=uuid.uuid4()), part))

            assert foreign.status_code == unknown.status_code == 404
            assert words(foreign) == words(unknown)

    def test_shows_the_numbers_and_the_log(self, operator, batch):
        submit(operator, batch, "3,4,5")
        run_due_jobs()

        text = words(operator.get(page(ReverseJob.objects.get())))

        assert "Job for ORD-HM-1125-02" in text
        assert "Available in the batch 50 Prepared 47 Still to prepare 0 Excluded 3" in text
        assert "Job started (attempt 1)" in text
        assert "Job completed: 47 codes prepared, 0 duplicates skipped, 3 excluded" in text

    def test_does_not_invent_numbers_before_the_count(self, viewer, batch):
        job = ReverseJobFactory(batch=batch, running=True)

        assert "Available in the batch not counted yet" in words(viewer.get(page(job)))

    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_shows_each_status_and_polls_while_it_changes(self, viewer, batch, status):
        job = ReverseJobFactory(batch=batch, status=status)

        for response in (viewer.get(page(job)), viewer.get(page(job, "live/"), headers=HTMX)):
            assert status.value in words(response)
            assert ("hx-trigger" in response.text) is (status in UNFINISHED)
            assert "<form" not in response.text.split("</header>")[-1]

    def test_shows_what_was_not_found_and_packed_before(self, operator, batch):
        case = batch.cases.get(case_number=1)
        packed = UnitCode.objects.get(batch=batch, sequence_number=1)
        UnitCode.objects.filter(pk=packed.pk).update(status="packed", master_code=case)
        submit(operator, batch, "<b>zzz</b>\n1")
        run_due_jobs()

        response = operator.get(page(ReverseJob.objects.get()))

        assert "1 entry not found" in words(response)
        assert "<b>zzz" not in response.text
        assert f"{packed.code} in Case #1" in words(response)

    def test_shows_filters(self, viewer, batch):
        job = ReverseJobFactory(batch=batch, filter_case_numbers=[1, 2, 3, 5], priority=2)

        assert "Priority 2 Cases #1-#3, #5" in words(viewer.get(page(job)))

    def test_escapes_the_log(self, viewer, batch):
        job = ReverseJobFactory(batch=batch, label="<i>x</i>")
        ReverseJobLogFactory(job=job, message="<script>alert(1)</script>")

        response = viewer.get(page(job))

        assert "<script>alert" not in response.text
        assert "<i>x" not in response.text

    def test_live_part_leads_to_the_page_when_it_is_opened(self, viewer, batch):
        job = ReverseJobFactory(batch=batch)

        assert viewer.get(page(job, "live/"))["Location"] == page(job)

    def test_live_part_is_404_for_others(self, elsewhere, batch):
        job = ReverseJobFactory(batch=batch)

        assert elsewhere.get(page(job, "live/"), headers=HTMX).status_code == 404


class TestExcludes:
    @pytest.fixture
    def job(self, operator, batch):
        """Every kind of entry: unit 1 is packed, 51 is a spare, the rest is free."""
        case = batch.cases.get(case_number=1)
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(
            status="packed", master_code=case
        )
        submit(operator, batch, "<b>zzz</b>\n1\n2\n51\n1-5\n49-51")
        run_due_jobs()
        return ReverseJob.objects.get()

    def test_tells_what_each_entry_means(self, viewer, job):
        response = viewer.get(page(job))

        text = words(response)
        assert "Excludes: 6 entries" in text
        assert "<b>zzz</b> not found" in text
        assert "<b>zzz" not in response.text
        assert "1 already packed #1 in Case #1" in text
        assert "2 matched #2" in text
        assert "51 not needed #51" in text
        assert "1-5 matched 5 units: 4 matched, 1 already packed" in text
        assert "49-51 matched 3 units: 2 matched, 1 not needed" in text

    def test_turns_pages(self, viewer, job, monkeypatch):
        monkeypatch.setattr(view, "EXCLUDES_SHOWN", 4)

        first = viewer.get(page(job))
        second = viewer.get(page(job), {"entry": "4"})

        assert "?entry=4#excludes" in first.text
        assert [line.entry for line in second.context["excludes"]] == ["1-5", "49-51"]
        assert "Next entries" not in second.text
        assert "First entries" in second.text

    @pytest.mark.parametrize("entry", ["-1", "abc", "9" * 30, "100000", "1.5"])
    def test_begins_at_the_first_entry_after_a_damaged_address(self, viewer, job, entry):
        assert len(viewer.get(page(job), {"entry": entry}).context["excludes"]) == 6

    def test_shows_nothing_behind_the_last_entry(self, viewer, job):
        assert viewer.get(page(job), {"entry": "99"}).status_code == 200

    def test_is_no_part_of_what_is_polled(self, viewer, job):
        assert "Excludes:" not in words(viewer.get(page(job, "live/"), headers=HTMX))

    def test_says_nothing_without_excludes(self, viewer, batch):
        job = ReverseJobFactory(batch=batch)

        assert "Excludes:" not in words(viewer.get(page(job)))

    def test_reads_as_much_for_many_entries_as_for_few(self, viewer, batch):
        few = ReverseJobFactory(batch=batch, exclude_codes=["1"])
        many = ReverseJobFactory(batch=batch, exclude_codes=[str(n) for n in range(1, 5_000)])
        statements = []
        for job in (few, many):
            with CaptureQueriesContext(connection) as captured:
                response = viewer.get(page(job))
            statements.append(len(captured))

        assert len(response.context["excludes"]) == 100
        assert statements[0] == statements[1] <= 12


class TestExports:
    def test_leads_to_the_tables_of_what_was_prepared(self, operator, batch):
        submit(operator, batch, "3")
        run_due_jobs()
        job = ReverseJob.objects.get()

        text = operator.get(page(job)).text

        for kind in ("xlsx", "csv"):
            address = f"/api/v1/qr/reverse-jobs/{job.pk}/prepared.{kind}"
            assert f'href="{address}"' in text
            downloaded = operator.get(address)
            assert downloaded.status_code == 200
            assert downloaded.getvalue()
        assert (
            f"/{job.pk}/prepared.xlsx" in operator.get(reverse("scan:rest", args=[batch.pk])).text
        )

    def test_offers_nothing_before_anything_is_prepared(self, viewer, batch):
        assert "prepared.xlsx" not in viewer.get(page(ReverseJobFactory(batch=batch))).text


class TestCancel:
    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_asks_first(self, manager, batch, status):
        job = ReverseJobFactory(batch=batch, status=status)

        response = manager.get(page(job, "cancel/"))

        job.refresh_from_db()
        assert job.status == status
        if status in UNFINISHED:
            assert "Cancel this job?" in words(response)
        else:
            assert response["Location"] == page(job)

    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_cancels_what_has_not_ended(self, manager, batch, status):
        job = ReverseJobFactory(batch=batch, status=status)

        response = manager.post(page(job, "cancel/"), follow=True)

        job.refresh_from_db()
        if status in UNFINISHED:
            assert "Job cancelled." in words(response)
            assert job.cancel_requested_by == user_of(manager)
        else:
            assert f"Job is already {status}." in words(response)
            assert job.status == status

    def test_takes_the_prepared_units_out_of_the_queue(self, operator, batch):
        submit(operator, batch)
        job = ReverseJob.objects.get()

        operator.post(page(job, "cancel/"))
        run_due_jobs()

        job.refresh_from_db()
        assert job.status == "cancelled"
        assert not PreparedCode.objects.live().exists()

    def test_is_calm_when_it_is_pressed_twice(self, manager, batch):
        job = ReverseJobFactory(batch=batch)

        manager.post(page(job, "cancel/"))
        response = manager.post(page(job, "cancel/"), follow=True)

        assert "Job is already cancelled." in words(response)

    def test_is_for_the_owner_of_the_job_and_managers(self, client, viewer, operator, batch):
        job = ReverseJobFactory(batch=batch)
        own = ReverseJobFactory(batch=batch, created_by=user_of(operator))

        assert client.post(page(job, "cancel/"))["Location"].startswith("/login")
        assert viewer.post(page(job, "cancel/")).status_code == 403
        assert operator.post(page(job, "cancel/")).status_code == 403
        assert operator.post(page(own, "cancel/")).status_code == 302
        job.refresh_from_db()
        own.refresh_from_db()
        assert job.status == "queued"
        assert own.status == "cancelled"

    def test_is_404_for_others(self, elsewhere, batch):
        job = ReverseJobFactory(batch=batch)

        assert elsewhere.post(page(job, "cancel/")).status_code == 404


class TestRetry:
    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_retries_what_failed(self, manager, batch, status):
        job = ReverseJobFactory(batch=batch, status=status)

        response = manager.post(page(job, "retry/"), follow=True)

        job.refresh_from_db()
        if status == "failed":
            assert job.status == "queued"
            assert "The job goes on where it stopped." in words(response)
        else:
            assert job.status == status
            assert f"Job is already {status}." in words(response)

    def test_is_for_managers(self, client, viewer, operator, batch):
        job = ReverseJobFactory(batch=batch, failed=True, created_by=user_of(operator))

        assert client.post(page(job, "retry/"))["Location"].startswith("/login")
        assert viewer.post(page(job, "retry/")).status_code == 403
        assert operator.post(page(job, "retry/")).status_code == 403
        job.refresh_from_db()
        assert job.status == "failed"

    def test_changes_nothing_when_it_is_opened(self, manager, batch):
        job = ReverseJobFactory(batch=batch, failed=True)

        assert manager.get(page(job, "retry/"))["Location"] == page(job)
        job.refresh_from_db()
        assert job.status == "failed"

    def test_is_404_for_others(self, elsewhere, batch):
        job = ReverseJobFactory(batch=batch, failed=True)

        assert elsewhere.post(page(job, "retry/")).status_code == 404
