"""Worked examples of the specification that mix several ways of packing."""

import pytest

from jobs.runner import run_job
from qrtracking import errors
from qrtracking.models import Batch
from qrtracking.selectors.scan import get_overview
from qrtracking.services import preparing
from qrtracking.services.packing import link_scanned
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """B1: 1,000 MINT, sequences 1-1000, spares 1001-1100, cases 1-10 of 100."""
    return make_generated_batch(order_no="ORD-HM-1125-02")


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def scan_into(actor, batch, number, *codes):
    return link_scanned(
        actor=actor,
        master_code=case_of(batch, number).master_code,
        unique_codes=codes,
        skip_case_validation=True,
    )


def test_9_units_packed_by_scanning_after_the_count_are_invalid(batch, actor, monkeypatch):
    job = submit_reverse_job(
        actor=actor, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=["1-5"]
    )
    count = preparing.count

    def count_then_scan(*args):
        outcome = count(*args)
        scan_into(actor, batch, 10, "11-20")
        return outcome

    monkeypatch.setattr(preparing, "count", count_then_scan)

    done = run_job(job)

    numbers = done.prepared_count, done.excluded_matched_count, done.invalid_count
    assert numbers == (985, 5, 10)
    assert done.total_available_in_batch == 1000


def test_10_a_partial_case_is_filled_by_scanning(batch, actor):
    prepare(batch, last=250)
    counts = [link(actor, batch, number).linked_count for number in (1, 2, 3)]

    packed = scan_into(actor, batch, 3, "251-310")

    assert counts == [100, 100, 50]
    assert (packed.linked_count, packed.case.status) == (50, "packed")
    assert packed.case.actual_unit_count == 100
    assert len(packed.unused_codes) == 10


def test_11_units_that_were_scanned_are_passed_over_by_the_queue(batch, actor):
    prepare(batch, last=300)
    scan_into(actor, batch, 1, "1-100")
    scan_into(actor, batch, 2, "101-120")

    linked = [link(actor, batch, number) for number in (4, 5)]

    assert sequences_in(batch, 4) == [*range(121, 221)]
    assert sequences_in(batch, 5) == [*range(221, 301)]
    assert [result.linked_count for result in linked] == [100, 80]
    assert live_sequences(batch) == []
    with pytest.raises(errors.QueueEmpty) as refused:
        link(actor, batch, 6)
    assert (refused.value.kind, refused.value.code) == ("invalid", "queue_empty")


def test_13_progress_of_three_cases_and_a_part(batch, actor):
    for number in (1, 2, 3):
        mark_case_perfect(actor=actor, master_code=case_of(batch, number).master_code)
    scan_into(actor, batch, 4, "301-340")

    progress = get_overview(user=actor, batch_id=batch.pk).progress

    assert (progress.master, progress.unique, progress.overall) == (30, 34, 32)
    assert not progress.is_complete


def test_14_a_full_case_takes_no_more_by_scanning(batch, actor):
    scan_into(actor, batch, 1, "1-150")

    with pytest.raises(errors.CaseFull):
        scan_into(actor, batch, 1, "151-200")

    assert case_of(batch, 1).actual_unit_count == len(sequences_in(batch, 1)) == 100
