"""Adding phones: what is stored, what is refused, and that it is all or nothing."""

import json
import re
import weakref
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models import Sum

from inventory import errors
from inventory.models import (
    QueueBatch,
    QueueControl,
    QueueCount,
    QueueDrain,
    QueueItem,
    QueueSource,
)
from inventory.services import adding
from inventory.services.adding import NewItem, add_items
from jobs.services import pause_job_type
from tests.accounts.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

A = "490154203237518"
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def add(organization):
    def call(items, **options):
        values = {"organization_id": organization.pk, "actor": None, "now": NOW, **options}
        return add_items(items=items, **values)

    return call


def nested(levels):
    value = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


class TestAddItems:
    def test_keeps_items_exactly_as_they_were_posted(self, add):
        posted = {
            "imei": A,
            "notes": 'tab\t, line\nend, back\\slash, "quotes", \\u0000 and \\N',
            "__proto__": {"emoji": "\U0001f600", "list": [1, 2.5, None, True]},
        }

        added = add([posted, {"imei": "3569-3803-5643-809"}])

        first, second = QueueItem.objects.order_by("id")
        assert first.raw_data == posted
        assert (first.imei_norm, second.imei_norm) == (A, "356938035643809")
        assert (first.source, first.priority, first.max_retries) == ("bulk-add", 5, 3)
        assert (first.batch_id, first.run_after, first.warnings) == (
            added.batch.batch_id, None, []
        )  # fmt: skip

    def test_makes_a_batch_and_opens_a_drain(self, add):
        added = add([{"imei": A}] * 3, source="api", priority=2, max_retries=0, undoable=True)

        batch = QueueBatch.objects.get()
        assert re.fullmatch(r"batch_1767600000000_[a-z0-9]{9}", batch.batch_id)
        assert (batch.total_items, batch.source, batch.priority) == (3, "api", 2)
        assert (batch.max_retries, batch.undoable, batch.status) == (0, True, "active")
        assert (added.added, added.is_stopped, added.warnings) == (3, False, ())
        assert QueueDrain.objects.get().lane == 1

    @pytest.mark.parametrize("nothing", [None, "", 0, False])
    def test_takes_nothing_for_the_default(self, add, nothing):
        add([{"imei": A}], source=nothing, priority=nothing)

        item = QueueItem.objects.get()
        assert (item.source, item.priority) == ("bulk-add", 5)

    def test_adds_thousands_in_their_sequence_and_counts_them(self, add, monkeypatch):
        monkeypatch.setattr(adding, "CHUNK", 100)

        add({"imei": A, "n": n} for n in range(350))

        rows = QueueItem.objects.in_queue_order().values_list("raw_data__n", flat=True)
        assert list(rows) == list(range(350))
        assert QueueCount.objects.aggregate(total=Sum("row_delta"))["total"] == 350

    def test_holds_one_item_at_a_time(self, add):
        phones = []

        class Phone(dict):
            pass

        def stream():
            for _ in range(100):
                phone = Phone(imei=A)
                phones.append(weakref.ref(phone))
                yield phone
                del phone
                alive.append(sum(ref() is not None for ref in phones))

        alive = []
        add(stream())

        assert max(alive) <= 2

    def test_tells_of_imeis_that_it_made_whole(self, add):
        added = add([{"imei": A}, {"imei": "35693803564380"}, {"imei": "356938035643808"}])

        assert [(one.index, one.code) for one in added.warnings] == [
            (1, "check_digit_added"),
            (2, "imei_check_digit"),
        ]

    def test_shows_a_hundred_warnings_at_most(self, add):
        added = add([{"imei": "35693803564380"}] * 101)

        assert len(added.warnings) == 100
        assert added.is_truncated

    def test_queues_what_will_fail(self, add):
        added = add([{}, {"imei": "12"}, {"imei": A, "color": {"a": 1}}])

        assert added.added == 3
        assert list(QueueItem.objects.order_by("id").values_list("imei_norm", flat=True)) == [
            None, None, A,
        ]  # fmt: skip

    def test_holds_scheduled_items_back(self, add):
        tomorrow = NOW + timedelta(days=1)

        added = add([{"imei": A}], scheduled_at="2026-01-06T09:00:00.000+01:00")

        assert added.starts_at == tomorrow
        assert QueueItem.objects.get().run_after == tomorrow
        assert QueueBatch.objects.get().scheduled_at == tomorrow
        assert not QueueDrain.objects.exists()

    def test_warns_of_a_time_that_is_past(self, add):
        added = add([{"imei": A}], scheduled_at="2026-01-05T07:59:59Z")

        assert [(one.index, one.code) for one in added.warnings] == [(None, "schedule_in_past")]
        assert QueueItem.objects.get().run_after is None

    def test_takes_retries_of_the_source(self, add, organization):
        QueueSource.objects.create(organization=organization, name="station", max_retries=7)

        add([{"imei": A}], source="station")

        assert QueueItem.objects.get().max_retries == 7

    def test_keeps_what_a_scan_or_a_file_knows(self, add):
        ref = uuid4()

        add([NewItem({"imei": A}, client_ref=ref, line_no=17)])

        item = QueueItem.objects.get()
        assert (item.client_ref, item.line_no) == (ref, 17)

    def test_does_not_start_a_stopped_queue(self, add, organization):
        QueueControl.objects.create(organization=organization, desired_state="stopped")

        added = add([{"imei": A}])

        assert added.is_stopped
        assert not QueueDrain.objects.exists()

    def test_says_that_staff_has_paused_the_work(self, add):
        pause_job_type(QueueDrain.job_label(), actor=None)

        assert add([{"imei": A}]).is_stopped


class TestAppend:
    def test_joins_a_batch_that_had_ended(self, add):
        batch = add([{"imei": A}], source="api").batch
        QueueBatch.objects.update(
            processed_items=1, status="completed", completed_at=NOW, completion_no=1
        )

        added = add([{"imei": A}] * 2, batch_id=batch.batch_id, source="paste", priority=1)

        batch.refresh_from_db()
        assert (batch.total_items, batch.status, batch.completed_at) == (3, "active", None)
        assert [one.code for one in added.warnings] == ["source_ignored"]
        newest = QueueItem.objects.order_by("-id")[0]
        assert (newest.source, newest.batch_id, newest.priority) == ("api", batch.batch_id, 1)

    @pytest.mark.parametrize("unknown", ["batch_1", "\0", "\ud800", 17, ["x"]])
    def test_knows_no_other_batches(self, add, unknown):
        QueueBatch.objects.create(organization=OrganizationFactory(), batch_id="batch_1")

        with pytest.raises(errors.BatchNotFound, match=r"^Batch not found$"):
            add([{"imei": A}], batch_id=unknown)

        assert not QueueItem.objects.exists()

    def test_refuses_an_undone_batch(self, add):
        batch = add([{"imei": A}]).batch
        QueueBatch.objects.update(undone_at=NOW)

        with pytest.raises(errors.BatchClosed, match=r"^Batch is closed$"):
            add([{"imei": A}], batch_id=batch.batch_id)


class TestRefusal:
    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ({"imei": "a\0b"}, "it has a NUL character"),
            ({"a\0": 1}, "it has a NUL character"),
            ({"imei": "\ud800"}, "it has a lone surrogate"),
            (json.loads('{"n": NaN}'), "it has NaN, which is no number"),
            (json.loads('{"n": [1e400]}'), "it has a number beyond 1e308"),
            (json.loads('{"n": -Infinity}'), "it has a number beyond 1e308"),
            ({"n": 10**309}, "it has a number beyond 1e308"),
            ({"n": 10**5000}, "it has a number beyond 1e308"),
            (nested(33), "it is nested deeper than 32 levels"),
            (nested(90_000), "it is nested deeper than 32 levels"),
            ({"notes": "x" * 70_000}, "it is larger than 64 KB"),
            ({"notes": "\u00e9" * 33_000}, "it is larger than 64 KB"),
        ],
    )
    def test_names_the_item_that_cannot_be_kept_and_stores_nothing(self, add, bad, reason):
        with pytest.raises(errors.ItemNotStorable) as refused:
            add([{"imei": A}, bad])

        assert refused.value.message == f"Item at index 1 cannot be stored: {reason}"
        assert not QueueItem.objects.exists()
        assert not QueueBatch.objects.exists()
        assert not QueueDrain.objects.exists()

    def test_takes_what_is_just_small_enough(self, add):
        add([nested(32), {"notes": "x" * 65_000}, {"n": 10**308}, {"n": 1.7e307}])

        assert QueueItem.objects.count() == 4

    @pytest.mark.parametrize("other", [None, "x", 1, [], True])
    def test_names_the_item_that_is_no_object(self, add, other):
        with pytest.raises(errors.ItemNotAnObject, match=r"^Item at index 1 is not an object$"):
            add([{"imei": A}, other])

        assert not QueueItem.objects.exists()

    def test_is_said_when_the_items_end_in_an_error_far_on(self, add, monkeypatch):
        monkeypatch.setattr(adding, "CHUNK", 10)

        def cut_off():
            yield from [{"imei": A}] * 95
            raise ValueError("cut off")

        with pytest.raises(ValueError, match="cut off"):
            add(cut_off())

        assert not QueueItem.objects.exists()
        assert not QueueBatch.objects.exists()

    def test_is_said_of_nothing(self, add):
        with pytest.raises(errors.ItemsRequired, match=r"^Items array is required and must not be"):
            add([])

        assert not QueueBatch.objects.exists()

    def test_is_said_of_too_many(self, add, settings):
        settings.QUEUE_MAX_ITEMS_PER_ADD = 5

        with pytest.raises(errors.TooManyItems, match=r"^At most 5 items per request$"):
            add([{"imei": A}] * 6)

        assert not QueueItem.objects.exists()

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            *[({"priority": bad}, errors.PriorityInvalid)
              for bad in ("high", 11, -1, 2.5, True, "3", [], float("nan"))],
            *[({"source": bad}, errors.SourceInvalid) for bad in (7, "x" * 51, [], "a\0", True)],
            *[({"max_retries": bad}, errors.MaxRetriesInvalid)
              for bad in (11, -1, 1.5, True, "3", {})],
            *[({"validation": bad}, errors.ValidationInvalid) for bad in ("loose", 1, [], {})],
            *[({"scheduled_at": bad}, errors.ScheduledAtInvalid)
              for bad in ("soon", 17, "2026-01-06T09:00:00", "2027-01-07T09:00:00Z",
                          "9999-12-31T23:59:59-14:00", [])],
        ],
    )  # fmt: skip
    def test_is_said_of_every_wrong_value(self, add, values, error):
        with pytest.raises(error):
            add([{"imei": A}], **values)

        assert not QueueItem.objects.exists()
