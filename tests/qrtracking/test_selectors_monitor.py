"""What people watch while a batch is packed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from qrtracking.models import MasterCode, PreparedCode, ReverseJob, ScanEvent
from qrtracking.selectors import monitor as monitor_selectors
from qrtracking.selectors.monitor import (
    QueuePart,
    count_cases_by_status,
    count_waiting,
    get_packed_over_time,
    get_queue_states,
    list_unit_rows,
    list_unit_scans,
)
from tests.accounts.factories import make_member
from tests.qrtracking.factories import (
    PreparedCodeFactory,
    ReverseJobFactory,
    ScanEventFactory,
    ScanItemFactory,
    make_generated_batch,
)
from tests.qrtracking.queue import case_of, link, prepare

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def batch():
    """40 units in 4 cases of 10, all of them prepared; case 1 is packed."""
    batch = make_generated_batch(units=40, per_case=10)
    job = prepare(batch)
    ReverseJob.objects.filter(pk=job.pk).update(prepared_count=40)
    link(make_member(organization=batch.organization), batch, 1)
    return batch


@pytest.fixture
def job(batch):
    return ReverseJob.objects.get(batch=batch)


def invalidate(job, first, last, reason):
    rows = PreparedCode.objects.filter(job=job, sequence_number__range=(first, last))
    rows.update(status="invalid", invalid_reason=reason)


class TestGetQueueStates:
    def test_counts_a_small_job_exactly(self, job):
        invalidate(job, 11, 12, "excluded")
        invalidate(job, 13, 13, "packed_elsewhere")

        state = get_queue_states(jobs=[job])[job.pk]

        assert not state.is_estimate
        assert state.parts == [
            QueuePart("consumed", "", 10),
            QueuePart("invalid", "excluded", 2),
            QueuePart("invalid", "packed_elsewhere", 1),
            QueuePart("prepared", "", 27),
        ]
        assert (state.waiting, state.consumed, state.invalid) == (27, 10, 3)
        assert [part.words for part in state.invalid_parts] == ["excluded", "packed elsewhere"]

    def test_reckons_a_big_job_from_samples_that_sum_up_to_it(self, job, monkeypatch):
        monkeypatch.setattr(monitor_selectors, "ROWS_READ", 20)
        monkeypatch.setattr(monitor_selectors, "WINDOW", 5)

        state = get_queue_states(jobs=[job])[job.pk]

        assert state.is_estimate
        assert (state.waiting, state.consumed) == (30, 10)

    def test_keeps_jobs_apart(self, batch, job):
        empty = ReverseJobFactory(batch=batch)
        other = prepare(make_generated_batch(units=7))
        ReverseJob.objects.filter(pk=other.pk).update(prepared_count=7)
        other.refresh_from_db()

        states = get_queue_states(jobs=[job, empty, other])

        assert states[job.pk].waiting == 30
        assert states[empty.pk].parts == []
        assert states[other.pk].waiting == 7

    def test_takes_two_statements_for_any_number_of_jobs(
        self, batch, job, django_assert_num_queries
    ):
        more = [ReverseJobFactory(batch=batch, prepared_count=5) for _ in range(5)]

        with django_assert_num_queries(2):
            get_queue_states(jobs=[job, *more])

    def test_reads_nothing_for_jobs_without_rows(self, batch, django_assert_num_queries):
        empty = ReverseJobFactory(batch=batch)

        with django_assert_num_queries(0):
            assert get_queue_states(jobs=[empty])[empty.pk].waiting == 0


class TestGetPackedOverTime:
    @pytest.fixture
    def batch(self):
        return make_generated_batch(units=40, per_case=10)

    def pack(self, batch, at, units, case=1, **fields):
        event = ScanEventFactory(
            batch=batch, unit_count=units, master_code=case_of(batch, case), **fields
        )
        ScanEvent.objects.filter(pk=event.pk).update(created_at=at)
        return event

    def packed(self, batch):
        return [p for p in get_packed_over_time(batch=batch).periods if p.units]

    def test_sums_hours_up_to_the_last_packing(self, batch):
        self.pack(batch, NOON, 10)
        self.pack(batch, NOON + timedelta(minutes=59), 5, case=2)
        self.pack(batch, NOON + timedelta(hours=3), 7)

        over_time = get_packed_over_time(batch=batch)

        assert over_time.is_hourly
        assert len(over_time.periods) == 24
        assert self.packed(batch) == [
            (NOON, 15, 2),
            (NOON + timedelta(hours=3), 7, 1),
        ]
        assert over_time.periods[-1].start == NOON + timedelta(hours=3)

    def test_sums_days_when_packing_took_longer(self, batch):
        self.pack(batch, NOON, 10)
        self.pack(batch, NOON + timedelta(days=2), 5)

        over_time = get_packed_over_time(batch=batch)

        assert not over_time.is_hourly
        assert len(over_time.periods) == 30
        midnight = NOON.replace(hour=0)
        assert self.packed(batch) == [(midnight, 10, 1), (midnight + timedelta(days=2), 5, 1)]

    def test_leaves_out_what_was_undone_and_what_is_no_packing(self, batch):
        undoing = self.pack(batch, NOON, 9, kind="undo")
        self.pack(batch, NOON, 9, undone_by_event=undoing)
        self.pack(batch, NOON, 9, kind="spoil")
        self.pack(batch, NOON, 4, kind="perfect")

        assert [packed.units for packed in self.packed(batch)] == [4]

    def test_forgets_what_is_older_than_its_window(self, batch):
        self.pack(batch, NOON, 10)
        self.pack(batch, NOON + timedelta(days=40), 5)

        assert [packed.units for packed in self.packed(batch)] == [5]

    def test_is_empty_before_the_first_packing(self, batch):
        assert get_packed_over_time(batch=batch).periods == []

    def test_looks_at_its_own_batch_only(self, batch):
        self.pack(make_generated_batch(units=10), timezone.now(), 10)

        assert get_packed_over_time(batch=batch).periods == []


class TestCountCasesByStatus:
    def test_follows_the_way_of_a_case(self, batch):
        MasterCode.objects.filter(batch=batch, case_number=4).update(status="received_warehouse")
        make_generated_batch(units=10)

        assert count_cases_by_status(batch=batch) == [
            ("generated", 2),
            ("packed", 1),
            ("received_warehouse", 1),
        ]


class TestCountWaiting:
    def test_counts_each_variant_up_to_the_limit(self, monkeypatch):
        batch = make_generated_batch(variants={"JAS": 25, "MINT": 10}, per_case=10)
        prepare(batch)
        monkeypatch.setattr(monitor_selectors, "COUNTED_UP_TO", 20)

        assert count_waiting(batch=batch) == [("JAS", 20, True), ("MINT", 10, False)]

    def test_leaves_out_what_is_packed_or_cancelled(self, batch):
        cancelled = ReverseJobFactory(batch=batch, cancelled=True)
        PreparedCode.objects.filter(batch=batch, sequence_number__gt=35).update(job=cancelled)

        assert count_waiting(batch=batch) == [("MINT", 25, False)]


class TestUnits:
    def test_scans_come_newest_first(self, batch):
        unit = batch.units.get(sequence_number=1)
        first = ScanItemFactory(batch=batch, unit=unit, outcome="refused")
        second = ScanItemFactory(batch=batch, unit=unit)
        ScanItemFactory(batch=batch, unit=batch.units.get(sequence_number=2))

        assert list_unit_scans(unit=unit) == [second, first]

    def test_rows_of_the_queue_come_newest_first(self, batch, job):
        unit = batch.units.get(sequence_number=1)
        later = PreparedCodeFactory(unit=unit, status="invalid", invalid_reason="excluded")

        assert [row.job_id for row in list_unit_rows(unit=unit)] == [later.job_id, job.pk]
