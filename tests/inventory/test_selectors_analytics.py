from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from inventory.errors import HoursInvalid
from inventory.models import QueueDrain, QueueSlice, TacModel
from inventory.selectors import analytics
from inventory.selectors.analytics import Rates, get_analytics, read_hours
from inventory.services.retention import clean_up
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, process

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


@pytest.fixture
def note(organization):
    def call(ago, **numbers):
        values = {"organization": organization, "source": "scan", "claimed": 10, **numbers}
        return QueueSlice.objects.create(finished_at=NOW - timedelta(minutes=ago), **values)

    return call


def read(organization, hours=24):
    return get_analytics(organization.pk, hours=hours, now=NOW)


class TestReadHours:
    @pytest.mark.parametrize(("text", "hours"), [("1", 1), ("24", 24), ("720", 720), (24, 24)])
    def test_takes_whole_numbers(self, text, hours):
        assert read_hours(text) == hours

    @pytest.mark.parametrize("text", ["0", "721", "-1", "1.5", "", "x", "\u0663", "9" * 5000, None])
    def test_refuses_the_rest(self, text):
        with pytest.raises(HoursInvalid):
            read_hours(text)


class TestGetAnalytics:
    def test_sums_slices_up(self, organization, note):
        note(5, completed=6, failed=2, retried=2, wait_ms_sum=1_000, wait_ms_max=400, run_ms=80)
        note(7, completed=10, wait_ms_sum=200, wait_ms_max=90, run_ms=40, source="api")

        found = read(organization)

        totals = found.totals
        assert (totals.claimed, totals.completed, totals.failed, totals.retried) == (20, 16, 2, 2)
        assert (totals.wait_ms_average, totals.wait_ms_max) == (60, 400)
        assert (totals.slice_ms, totals.item_ms) == (60, 6.0)
        assert totals.share_failed == 11.11
        # From 9 o'clock, for whole parts, until now: 23.5 hours.
        assert found.since == NOW - timedelta(hours=23, minutes=30)
        assert found.per_minute == Rates(0.01, 0.0, 0.0)
        assert [(one.source, one.sums.completed) for one in found.sources] == [
            ("api", 10), ("scan", 6),
        ]  # fmt: skip

    def test_leaves_out_other_times_and_organizations(self, organization, note):
        note(24 * 60 + 1)
        note(-1)
        note(5, organization=OrganizationFactory())

        assert read(organization).totals == analytics.Sums()

    def test_says_nothing_of_nothing(self, organization):
        found = read(organization)

        assert found.totals.share_failed is None
        assert found.totals.wait_ms_average is None
        assert found.totals.item_ms is None
        assert len(found.parts) == 24
        assert found.sources == found.failures == found.tac_mismatches == found.drains == ()

    @pytest.mark.parametrize(
        ("hours", "minutes", "parts"),
        [(1, 1, 60), (6, 5, 72), (24, 60, 24), (48, 60, 48), (168, 360, 28), (720, 1_440, 30)],
    )
    def test_cuts_the_period_into_parts_that_can_be_read(
        self, organization, note, hours, minutes, parts
    ):
        note(0.5, completed=3)

        found = read(organization, hours)

        assert (found.part_minutes, len(found.parts)) == (minutes, parts)
        assert [one.sums.completed for one in found.parts] == [0] * (parts - 1) + [3]
        starts = [one.start for one in found.parts]
        assert {later - one for one, later in pairwise(starts)} == {timedelta(minutes=minutes)}

    def test_measures_the_last_part_by_what_has_passed_of_it(self, organization, note):
        note(10, completed=60, failed=30, retried=15)

        last = read(organization).parts[-1]

        assert last.start == NOW - timedelta(minutes=30)
        assert last.per_minute == Rates(2.0, 1.0, 0.5)

    def test_tells_the_same_after_slices_were_folded_but_how_long_they_took(
        self, organization, note
    ):
        for ago in (200, 205):
            note(ago, completed=10, failed=1, wait_ms_sum=70, wait_ms_max=ago, run_ms=40)
        before = read(organization, 96)

        clean_up()

        after = read(organization, 96)
        assert QueueSlice.objects.count() == 1
        assert after.totals.slice_ms is None
        assert before.totals.slice_ms == 40
        for name in ("claimed", "completed", "failed", "wait_ms_sum", "wait_ms_max", "run_ms"):
            assert getattr(after.totals, name) == getattr(before.totals, name)

    def test_tells_what_is_failed_now(self, organization):
        add(organization, {"imei": "12"}, {"imei": imei_of(1)})
        process(organization)

        (failure,) = read(organization).failures

        assert (failure.code, failure.count) == ("imei_length", 1)

    def test_lists_the_newest_drains(self, organization):
        add(organization, {"imei": imei_of(1)})
        add(OrganizationFactory(), {"imei": imei_of(1)})

        assert read(organization).drains == (QueueDrain.objects.get(organization=organization),)


class TestListTacMismatches:
    def test_counts_devices_of_another_model_than_their_tac(self, organization):
        same, other, unknown = (imei_of(number) for number in range(3))
        add(
            organization,
            {"imei": same, "brand": "Apple", "model": "iphone 13"},
            {"imei": other, "brand": "Apple", "model": "iPhone 14"},
            {"imei": unknown},
        )
        process(organization)
        TacModel.objects.create(
            organization=organization, tac=same[:8], brand="Apple", model="iPhone 13"
        )

        (found,) = read(organization).tac_mismatches

        assert (found.tac, found.model) == (same[:8], "iPhone 13")
        assert (found.count, found.is_capped, found.imei) == (1, False, other)
