"""Reads of the scan pages that the pages' own tests do not show."""

import pytest

from qrtracking.models import MasterCode, PreparedCode, ReverseJob
from qrtracking.selectors.scan import (
    find_case,
    find_label,
    get_case_ranges,
    get_overview,
    has_ready_units,
)
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return make_generated_batch(units=40, per_case=10)


@pytest.fixture
def member(batch):
    return make_member(organization=batch.organization)


class TestGetOverview:
    def test_never_shows_more_than_was_planned(self, batch, member):
        batch.planned_unique_codes = 15
        batch.save()
        MasterCode.objects.filter(batch=batch, case_number__lte=2).update(actual_unit_count=10)

        overview = get_overview(user=member, batch_id=batch.pk)

        assert (overview.packed_units, overview.planned_units) == (15, 15)
        assert (overview.packed_cases, overview.cases) == (2, 4)

    def test_rounds_as_the_worked_example(self, member, batch):
        batch.planned_unique_codes = 40
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=10)
        MasterCode.objects.filter(batch=batch, case_number=2).update(actual_unit_count=4)

        progress = get_overview(user=member, batch_id=batch.pk).progress

        assert (progress.master, progress.unique, progress.overall) == (25, 35, 30)

    def test_reads_nothing_of_units(self, batch, member, django_assert_num_queries):
        with django_assert_num_queries(4) as queries:
            get_overview(user=member, batch_id=batch.pk)

        assert not [query for query in queries if "qr_codes" in query["sql"]]


class TestGetCaseRanges:
    def test_takes_a_case_that_was_closed_short_for_packed(self, batch):
        MasterCode.objects.filter(batch=batch, case_number=3).update(
            actual_unit_count=6, expected_unit_count=6
        )

        assert get_case_ranges(batch=batch).packed == "#3"


class TestHasReadyUnits:
    def test_sees_live_rows_only(self, batch):
        assert not has_ready_units(batch=batch)
        prepare(batch)
        assert has_ready_units(batch=batch)

        PreparedCode.objects.update(status="invalid", invalid_reason="excluded")
        assert not has_ready_units(batch=batch)

    @pytest.mark.parametrize("status", ["running", "cancelled"])
    def test_sees_no_rows_of_jobs_that_are_being_cancelled(self, batch, status, db):
        prepare(batch)

        ReverseJob.objects.update(status=status, cancel_requested_at=batch.created_at)

        assert not has_ready_units(batch=batch)


class TestFindLabel:
    def test_finds_nothing_for_people_without_an_organization(self, batch):
        code = batch.units.get(sequence_number=1).code

        assert find_label(user=UserFactory(), text=code) is None


class TestFindCase:
    @pytest.mark.parametrize("text", ["2", "CASE:2", "{}", "https://x/track/master/{}?a=1"])
    def test_takes_every_form(self, batch, member, text):
        wanted = MasterCode.objects.get(batch=batch, case_number=2)

        found = find_case(user=member, batch=batch, text=text.format(wanted.master_code))

        assert found == wanted

    def test_finds_no_unit_and_no_case_of_another_batch(self, batch, member):
        unit = batch.units.get(sequence_number=1)
        other = make_generated_batch(units=10, per_case=10, organization=batch.organization)
        foreign = MasterCode.objects.get(batch=other)

        for text in (unit.code, foreign.master_code, "99", "1-2", "zzz"):
            assert find_case(user=member, batch=batch, text=text) is None
