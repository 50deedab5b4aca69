"""Reverse jobs on the real database, with the worked examples of their specification."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
import structlog
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from jobs.logs import list_log
from jobs.models import OutboxMessage
from jobs.runner import run_due_jobs, run_job, run_next
from jobs.services import cancel_job, retry_job
from qrtracking import errors
from qrtracking.models import Batch, PreparedCode, ReverseJob, UnitCode
from qrtracking.services.cleaning import keep_house
from qrtracking.services.retention import delete_expired_jobs
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import make_member
from tests.qrtracking.factories import ScanEventFactory, make_generated_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """B1 of the worked examples: 1,000 units, 100 spares, 10 cases."""
    return make_generated_batch(order_no="ORD-HM-1125-02")


@pytest.fixture
def operator(batch: Batch) -> User:
    return make_member(Role.OPERATOR, organization=batch.organization, email="op@example.org")


def submit(actor: User, batch: Batch, excludes: Iterable[str] = (), **options) -> ReverseJob:
    return submit_reverse_job(
        actor=actor,
        batch_id=batch.pk,
        order_id=batch.order_id,
        exclude_codes=list(excludes),
        **options,
    )


def work_off(job: ReverseJob) -> ReverseJob:
    done = run_job(job)
    assert done is not None
    return done


def live_sequences(batch: Batch) -> list[int]:
    live = PreparedCode.objects.live().filter(batch=batch)
    return list(live.in_queue_order().values_list("sequence_number", flat=True))


def pack(batch: Batch, sequences: Iterable[int], case_number: int = 10) -> None:
    case = batch.cases.get(case_number=case_number)
    units = UnitCode.objects.filter(batch=batch, sequence_number__in=list(sequences))
    units.update(status="packed", master_code=case)


def assert_totals(job: ReverseJob) -> None:
    parts = (
        job.prepared_count + job.duplicate_count + job.invalid_count + job.excluded_matched_count
    )
    assert parts == job.total_available_in_batch
    assert job.remaining_to_prepare == 0
    assert PreparedCode.objects.filter(job=job).count() == job.prepared_count


class TestPrepare:
    def test_prepares_all_but_the_excluded(self, batch, operator):
        codes = list(
            UnitCode.objects.filter(
                batch=batch, sequence_number__in=[3, 4, 5, 998, 1000]
            ).values_list("code", flat=True)
        )

        job = work_off(submit(operator, batch, codes))

        assert job.status == "completed"
        assert job.progress == 100
        assert job.result_summary == {
            "prepared": 995,
            "duplicates": 0,
            "invalid": 0,
            "total_available": 1000,
            "excluded_count": 5,
            "excluded_matched": 5,
            "excluded_not_found": [],
            "excluded_not_found_count": 0,
            "excluded_already_packed": [],
            "excluded_already_packed_count": 0,
            "excluded_not_needed": 0,
            "invalidated": 0,
        }
        expected = [n for n in range(1, 1001) if n not in {3, 4, 5, 998, 1000}]
        assert live_sequences(batch) == expected
        assert_totals(job)

    def test_counts_units_of_ranges_and_entries_of_lists(self, batch, operator):
        code = UnitCode.objects.get(batch=batch, sequence_number=15).code

        job = submit(operator, batch, ["15-20", "SEQ:15", code, "zzz"])

        assert len(job.exclude_codes) == 4
        job = work_off(job)
        assert job.excluded_matched_count == 6
        assert job.prepared_count == 994
        assert job.result_summary["excluded_not_found"] == ["zzz"]

    def test_says_what_it_does_in_its_log(self, batch, operator):
        job = work_off(submit(operator, batch, ["3", "4", "5", "998", "1000"]))

        assert [line.message for line in list_log(job)] == [
            "Job started (attempt 1)",
            "Resolved 5 exclude entries: 5 units, 0 not found",
            "Counted 1000 available units",
            "Prepared 995 of 995",
            "Job completed: 995 codes prepared, 0 duplicates skipped, 5 excluded",
        ]

    def test_goes_through_slices_of_any_size(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 70

        job = work_off(submit(operator, batch, ["1-50"]))

        assert job.prepared_count == 950
        assert live_sequences(batch) == list(range(51, 1001))
        assert "Prepared 160 of 950" in [line.message for line in list_log(job)]
        assert_totals(job)

    def test_adds_a_later_job_without_doubling(self, batch, operator):
        work_off(submit(operator, batch))

        second = submit(operator, batch, ["500"])
        assert 500 not in live_sequences(batch)
        second = work_off(second)

        assert second.prepared_count == 0
        assert second.duplicate_count == 999
        assert second.excluded_matched_count == 1
        assert second.invalidated_count == 1
        assert (
            PreparedCode.objects.get(batch=batch, sequence_number=500).invalid_reason == "excluded"
        )
        assert_totals(second)

    def test_counts_units_that_were_packed_meanwhile_as_invalid(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 1000
        job = submit(operator, batch, ["1-5"])
        while ReverseJob.objects.get(pk=job.pk).cursor.get("phase") != "prepare":
            run_job(job, budget_seconds=0)
        pack(batch, range(101, 111))

        job = work_off(job)

        assert (job.prepared_count, job.excluded_matched_count, job.invalid_count) == (985, 5, 10)
        assert_totals(job)

    def test_raises_the_total_by_units_that_became_free_meanwhile(self, batch, operator):
        pack(batch, range(101, 111))
        job = submit(operator, batch)
        while ReverseJob.objects.get(pk=job.pk).cursor.get("phase") != "prepare":
            run_job(job, budget_seconds=0)
        UnitCode.objects.filter(batch=batch, status="packed").update(
            status="generated", master_code=None
        )

        job = work_off(job)

        assert job.total_available_in_batch == 1000
        assert_totals(job)

    def test_an_earlier_job_obeys_the_excludes_of_a_later_one(self, batch, operator):
        first = submit(operator, batch)
        submit(operator, batch, ["500"])

        first = work_off(first)

        assert 500 not in live_sequences(batch)
        assert first.invalid_count == 1
        assert_totals(first)

    def test_a_cancelled_job_excludes_nothing(self, batch, operator):
        first = submit(operator, batch)
        cancel_job(submit(operator, batch, ["500"]), actor=operator)

        first = work_off(first)

        assert first.prepared_count == 1000

    def test_a_later_job_that_does_not_name_it_makes_a_unit_available_again(self, batch, operator):
        work_off(submit(operator, batch))
        work_off(submit(operator, batch, ["500"]))

        third = work_off(submit(operator, batch))

        assert third.prepared_count == 1
        assert 500 in live_sequences(batch)

    def test_lists_excludes_that_are_packed_spare_or_filtered_out(self, batch, operator):
        pack(batch, [7])
        code = UnitCode.objects.get(batch=batch, sequence_number=7).code

        job = work_off(
            submit(operator, batch, ["7", "1050", "150", "5"], filter_case_numbers=[1, 3])
        )

        summary = job.result_summary
        assert summary["excluded_already_packed"] == [{"code": code, "case_number": 10}]
        assert summary["excluded_already_packed_count"] == 1
        assert summary["excluded_not_needed"] == 2
        assert summary["excluded_matched"] == 1
        assert summary["total_available"] == 199
        assert job.prepared_count == 198

    def test_takes_only_the_variant_asked_for(self, operator):
        mixed = make_generated_batch(
            variants={"JAS": 250, "MINT": 100}, organization=operator.organization
        )
        mint = mixed.order.items.get(variant__variant_code="MINT").variant

        job = work_off(submit(operator, mixed, filter_variant_id=mint.pk))

        assert job.prepared_count == 100
        assert live_sequences(mixed) == list(range(251, 351))

    def test_a_batch_without_eligible_units_completes_with_zeroes(self, batch, operator):
        pack(batch, range(1, 1001))

        job = work_off(submit(operator, batch))

        assert job.status == "completed"
        assert job.result_summary["total_available"] == 0
        assert_totals(job)

    def test_a_code_of_another_batch_is_not_found(self, batch, operator):
        other = make_generated_batch(units=100, organization=operator.organization)
        foreign = make_generated_batch(units=100)
        codes = [
            UnitCode.objects.get(batch=elsewhere, sequence_number=15).code
            for elsewhere in (other, foreign)
        ]

        job = work_off(submit(operator, batch, codes))

        assert job.result_summary["excluded_not_found"] == codes
        assert job.prepared_count == 1000

    @pytest.mark.parametrize(
        "spell",
        [
            str.lower,
            lambda code: f"http://any.host/track/product/{code}?utm=1",
            lambda code: code[:-2],
            lambda code: code[:-13],
        ],
    )
    def test_finds_a_unit_by_every_form_of_its_code(self, batch, operator, spell):
        code = UnitCode.objects.get(batch=batch, sequence_number=15).code

        job = work_off(submit(operator, batch, [spell(code)]))

        assert job.excluded_matched_count == 1
        assert 15 not in live_sequences(batch)

    def test_long_lists_are_resolved_by_the_job(self, batch, operator, monkeypatch):
        monkeypatch.setattr("qrtracking.services.reverse_jobs.RESOLVED_AT_SUBMIT", 2)
        monkeypatch.setattr("qrtracking.services.preparing.RESOLVE_ENTRIES", 2)
        work_off(submit(operator, batch))

        job = submit(operator, batch, ["1", "2-4", "nope", "9", "10"])
        assert job.invalidated_count == 0
        job = work_off(job)

        assert job.invalidated_count == 6
        assert job.excluded_matched_count == 6
        assert job.result_summary["excluded_not_found"] == ["nope"]
        assert_totals(job)

    def test_a_repeated_slice_adds_nothing_twice(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 100
        job = submit(operator, batch)
        while ReverseJob.objects.get(pk=job.pk).cursor.get("at", 0) < 300:
            run_job(job, budget_seconds=0)
        # As if the worker had been killed after the slice, before its cursor: the slice runs again.
        cursor = ReverseJob.objects.get(pk=job.pk).cursor
        ReverseJob.objects.filter(pk=job.pk).update(cursor={**cursor, "at": 200})

        work_off(job)

        assert live_sequences(batch) == list(range(1, 1001))

    def test_needs_at_most_eight_statements_a_slice(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 100
        cancel_job(submit(operator, batch, ["1"]), actor=operator)
        job = submit(operator, batch, ["1-20"])
        while ReverseJob.objects.get(pk=job.pk).cursor.get("phase") != "prepare":
            run_job(job, budget_seconds=0)

        with CaptureQueriesContext(
            connection,
        ) as whole:
            run_job(job, budget_seconds=0)

        slice_start = next(
            index for index, query in enumerate(whole) if "set_config" in query["sql"]
        )
        statements = [query["sql"] for query in whole.captured_queries[slice_start:]]
        slice_end = next(
            index for index, sql in enumerate(statements) if sql.startswith(("RELEASE", "COMMIT"))
        )
        assert slice_end <= 8

    def test_stops_when_the_batch_may_not_be_packed_any_more(self, batch, operator):
        job = submit(operator, batch)
        Batch.objects.filter(pk=batch.pk).update(status="completed")

        job = work_off(job)

        assert (job.status, job.error_code) == ("failed", "batch_not_ready")
        assert job.error_message == "Batch is not ready for packing (completed)"

    def test_a_retried_job_goes_on_where_it_stopped(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 100
        job = submit(operator, batch)
        while ReverseJob.objects.get(pk=job.pk).prepared_count < 300:
            run_job(job, budget_seconds=0)
        Batch.objects.filter(pk=batch.pk).update(status="completed")
        job = work_off(job)
        Batch.objects.filter(pk=batch.pk).update(status="in_production")

        job = work_off(retry_job(job, actor=operator))

        assert job.prepared_count == 1000
        assert_totals(job)


class TestCancel:
    def test_takes_the_rows_of_a_running_job_out_of_the_queue(self, batch, operator, settings):
        settings.QR_PREPARE_SLICE = 100
        job = submit(operator, batch)
        while ReverseJob.objects.get(pk=job.pk).prepared_count < 300:
            run_job(job, budget_seconds=0)

        cancel_job(job, actor=operator)

        assert ReverseJob.objects.get(pk=job.pk).status == "cancelled"
        assert live_sequences(batch) == []
        reasons = PreparedCode.objects.filter(job=job).values_list("invalid_reason", flat=True)
        assert set(reasons) == {"job_cancelled"}

    def test_housekeeping_takes_what_is_left(self, batch, operator, monkeypatch):
        monkeypatch.setattr("qrtracking.services.cleaning.SLICE", 300)
        job = work_off(submit(operator, batch))
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled")

        dropped = keep_house()

        assert dropped["cancelled"] == 1000
        assert live_sequences(batch) == []

    def test_housekeeping_takes_rows_of_a_job_of_an_earlier_version(self, batch, operator):
        job = work_off(submit(operator, batch))
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled", cursor={"at": 1})

        assert keep_house()["cancelled"] == 1000

    def test_housekeeping_does_not_look_through_its_rows_again(self, batch, operator):
        job = work_off(submit(operator, batch))
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled")
        keep_house()

        with CaptureQueriesContext(connection) as captured:
            keep_house()

        assert not [query for query in captured if "job_cancelled" in query["sql"]]

    def test_a_later_job_replaces_rows_of_a_cancelled_one(self, batch, operator):
        job = work_off(submit(operator, batch))
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled")

        later = work_off(submit(operator, batch))

        assert later.prepared_count == 1000


class TestSubmit:
    def test_refuses_a_batch_of_another_organization_like_an_unknown_one(self, operator):
        foreign = make_generated_batch(units=100)

        with pytest.raises(errors.BatchNotFound):
            submit(operator, foreign)

    def test_refuses_another_order(self, batch, operator):
        other = make_generated_batch(units=100, organization=operator.organization)

        with pytest.raises(errors.BatchMismatch):
            submit_reverse_job(actor=operator, batch_id=batch.pk, order_id=other.order_id)

    @pytest.mark.parametrize("excludes", [None, "abc", [1, None, {}], {"a": 1}])
    def test_refuses_what_is_no_list_of_texts(self, batch, operator, excludes):
        with pytest.raises(errors.ExcludeCodesInvalid):
            submit_reverse_job(
                actor=operator,
                batch_id=batch.pk,
                order_id=batch.order_id,
                exclude_codes=excludes,
            )

    def test_refuses_an_entry_over_500_characters(self, batch, operator):
        with pytest.raises(errors.ExcludeTooLong):
            submit(operator, batch, ["x" * 501])

    def test_refuses_over_100000_entries(self, batch, operator):
        with pytest.raises(errors.TooManyExcludes):
            submit(operator, batch, [f"A{number}" for number in range(100_001)])

    @pytest.mark.parametrize(
        "status", ["pending", "queued", "processing", "completed", "failed", "cancelled"]
    )
    def test_refuses_a_batch_that_is_not_packable(self, batch, operator, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady, match=rf"\({status}\)"):
            submit(operator, batch)

    def test_refuses_once_the_warehouse_has_begun(self, batch, operator):
        batch.cases.filter(case_number=1).update(status="received_warehouse")

        with pytest.raises(errors.OrderLockedForJobs, match="Job submission is disabled"):
            submit(operator, batch)

    def test_refuses_a_variant_or_cases_of_another_batch(self, batch, operator):
        other = make_generated_batch(units=100)
        foreign_variant = other.order.items.get().variant_id

        with pytest.raises(errors.FilterVariantInvalid):
            submit(operator, batch, filter_variant_id=foreign_variant)
        with pytest.raises(errors.FilterCasesInvalid):
            submit(operator, batch, filter_case_numbers=[1, 11])

    def test_works_a_small_batch_off_at_once(self, operator):
        small = make_generated_batch(units=300, organization=operator.organization)

        job = submit(operator, small, ["1-10"], process_now=True)

        assert job.status == "completed"
        assert job.result_summary["prepared"] == 290

    def test_refuses_to_work_a_large_batch_off_at_once(self, batch, operator):
        with pytest.raises(errors.TooManyUnitsNow, match=r"\(1000\)"):
            submit(operator, batch, process_now=True)

    def test_needs_at_most_twelve_statements(self, batch, operator, django_assert_max_num_queries):
        with django_assert_max_num_queries(12):
            submit(operator, batch, ["3", "4", "5"], filter_case_numbers=[1, 2])


class TestNotices:
    def test_the_creator_hears_of_completion(self, batch, operator):
        job = work_off(submit(operator, batch, ["5", "zzz"]))
        run_due_jobs()

        (message,) = mail.outbox
        assert message.subject == "Prepared 999 codes for ORD-HM-1125-02"
        assert message.to == ["op@example.org"]
        assert "zzz" in message.body
        assert f"/scan/jobs/{job.pk}/" in message.body

    def test_the_creator_hears_of_failure(self, batch, operator):
        job = submit(operator, batch)
        Batch.objects.filter(pk=batch.pk).update(status="completed")
        work_off(job)
        run_due_jobs()

        (message,) = mail.outbox
        assert message.subject == "Preparing codes failed for ORD-HM-1125-02"
        assert "Batch is not ready for packing (completed)" in message.body

    def test_nobody_hears_who_did_not_want_to(self, batch, operator):
        work_off(submit(operator, batch, notify_email=False))

        assert not OutboxMessage.objects.exists()


class TestHousekeeping:
    def test_takes_live_rows_of_packed_units_out_of_the_queue(self, batch, operator):
        work_off(submit(operator, batch))
        pack(batch, range(1, 101))
        ScanEventFactory(batch=batch, master_code=batch.cases.get(case_number=10))

        dropped = keep_house()

        assert dropped["stale"] == 100
        assert live_sequences(batch) == list(range(101, 1001))

    def test_takes_live_rows_of_completed_batches_out_of_the_queue(
        self, batch, operator, monkeypatch
    ):
        monkeypatch.setattr("qrtracking.services.cleaning.SLICE", 300)
        other = make_generated_batch(organization=batch.organization, units=20, per_case=10)
        job = work_off(submit(operator, batch))
        work_off(submit(operator, other))
        Batch.objects.filter(pk=batch.pk).update(status="completed")

        first, again = keep_house(), keep_house()

        assert (first["completed"], again["completed"]) == (1000, 0)
        assert (live_sequences(batch), live_sequences(other)) == ([], [*range(1, 21)])
        reasons = PreparedCode.objects.filter(job=job).values_list("status", "invalid_reason")
        assert set(reasons) == {("invalid", "not_available")}

    def test_lets_retention_have_the_jobs_of_completed_batches(self, batch, operator):
        job = work_off(submit(operator, batch))
        ReverseJob.objects.filter(pk=job.pk).update(completed_at=timezone.now() - timedelta(91))
        Batch.objects.filter(pk=batch.pk).update(status="completed")
        lines = len(list_log(job))
        assert delete_expired_jobs()["jobs"] == 0

        keep_house()

        assert delete_expired_jobs() == {"jobs": 1, "rows": 1000 + lines}


def test_the_most_urgent_job_is_taken_first(batch, operator):
    submit(operator, batch, label="normal")
    submit(operator, batch, label="urgent", priority=1)

    done = run_next(ReverseJob)

    assert done is not None
    assert done.label == "urgent"


def test_what_a_job_causes_carries_its_correlation_id(batch, operator):
    with structlog.contextvars.bound_contextvars(correlation_id="request-1"):
        job = submit(operator, batch)

    work_off(job)

    assert job.correlation_id == "request-1"
    assert {line.correlation_id for line in list_log(job)} == {"request-1"}
    assert OutboxMessage.objects.get().correlation_id == "request-1"
