from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import errors
from inventory.models import (
    Device,
    DeviceTest,
    Inspection,
    Movement,
    ProcessingLog,
    QueueBatch,
    QueueItem,
    SkuInfo,
    StockEntry,
    UnitInfo,
)
from inventory.services import undoing
from inventory.services.claims import ClaimKind
from inventory.services.moving import move_device
from inventory.services.undoing import preview_undo, undo_batch
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, assert_counts_fit, imei_of, phones, process

pytestmark = pytest.mark.django_db

BEFORE = {
    "imei": A, "model": "iPhone 13", "brand": "Apple", "color": "Blue", "storage": "128GB",
    "location": "L1", "working": "YES", "batteryHealth": "91%", "checkDate": "2025-01-02 03:04",
    "testResults": {"screen": "ok"}, "notes": "first", "serialNumber": "S1", "sku": "MINE",
}  # fmt: skip
CHANGE = {
    "imei": A, "model": "iPhone 14", "color": "Red", "location": "L2", "working": "NO",
    "failed": "Face ID", "batteryHealth": 50, "notes": "second", "serialNumber": "S2", "sku": "X",
}  # fmt: skip


@pytest.fixture
def undo(organization):
    def call(batch, verb=undo_batch, **values):
        common = {"organization_id": organization.pk, "batch_id": batch.batch_id}
        if verb is undo_batch:
            common["actor"] = None
        return verb(**{**common, "now": timezone.now(), **values})

    return call


def state():
    """Everything that is stored of devices, but when it was written."""
    tables = (Device, SkuInfo, Inspection, UnitInfo, StockEntry)
    rows = [row for table in tables for row in table.objects.order_by("pk").values()]
    return [{key: row[key] for key in row if key != "updated_at"} for row in rows]


class TestUndoBatch:
    def test_gives_devices_back_what_they_were_and_takes_new_ones_away(self, organization, undo):
        add(organization, BEFORE)
        process(organization)
        was = state()
        batch = add(organization, CHANGE, {"imei": B}, {"imei": A, "grade": "C"}, undoable=True)
        process(organization)

        done = undo(batch)

        assert (done.deleted, done.restored, done.left) == (1, 1, 0)
        assert state() == was
        assert DeviceTest.objects.count() == 1
        reasons = Movement.objects.order_by("id").values_list("reason", flat=True)
        assert list(reasons) == ["intake", "move", "undo"]
        assert ProcessingLog.objects.filter(action="undone").count() == 3
        batch.refresh_from_db()
        assert batch.undone_at is not None
        assert_counts_fit(organization)

    def test_goes_back_to_before_the_item_that_was_handled_first(self, organization, undo):
        batch = add(organization, {"imei": A, "notes": "late"}, CHANGE, undoable=True)
        late = QueueItem.objects.order_by("id").first()
        QueueItem.objects.filter(pk=late.pk).update(isolate=True)
        process(organization)
        process(organization, ClaimKind.ISOLATED)

        assert undo(batch).deleted == 1
        assert not Device.objects.exists()

    def test_leaves_alone_what_was_changed_since(self, organization, undo):
        batch = add(organization, *phones(1, 5), undoable=True)
        process(organization)
        add(organization, {"imei": imei_of(2), "color": "Red"})
        process(organization)
        move_device(
            organization_id=organization.pk,
            actor=None,
            imei=imei_of(3),
            location="L9",
            now=timezone.now(),
        )

        seen = undo(batch, preview_undo)
        done = undo(batch)

        assert seen == done
        assert (done.deleted, done.left) == (2, 2)
        assert done.changed_since == (imei_of(2), imei_of(3))
        left = Device.objects.order_by("imei").values_list("imei", flat=True)
        assert list(left) == sorted([imei_of(2), imei_of(3)])

    def test_goes_through_many_devices_in_pieces(self, organization, undo, monkeypatch):
        monkeypatch.setattr(undoing, "CHUNK", 3)
        batch = add(organization, *phones(1, 11), undoable=True)
        process(organization)

        assert undo(batch).deleted == 10
        assert not Device.objects.exists()
        assert not StockEntry.objects.exists()

    def test_changes_nothing_when_it_is_only_looked_at(self, organization, undo):
        batch = add(organization, *phones(1, 3), undoable=True)
        process(organization)

        assert undo(batch, preview_undo).deleted == 2
        assert Device.objects.count() == 2

    @pytest.mark.parametrize("verb", [undo_batch, preview_undo])
    def test_waits_for_the_end_of_the_batch(self, organization, undo, verb):
        batch = add(organization, *phones(1, 3), undoable=True)
        process(organization, limit=1)

        with pytest.raises(errors.BatchActive):
            undo(batch, verb)

        assert Device.objects.count() == 1

    def test_is_for_undoable_batches_of_thirty_days_and_once(self, organization, undo):
        with pytest.raises(errors.BatchNotFound):
            undo(QueueBatch(batch_id="batch_x"))
        plain = add(organization, *phones(1, 3))
        batch = add(organization, *phones(1, 3), undoable=True)
        process(organization)
        with pytest.raises(errors.BatchNotUndoable):
            undo(plain)
        with pytest.raises(errors.BatchNotUndoable, match=r"30 days"):
            undo(batch, now=timezone.now() + timedelta(days=31))
        undo(batch)
        with pytest.raises(errors.BatchClosed):
            undo(batch)
        with pytest.raises(errors.BatchClosed):
            add(organization, {"imei": A}, batch_id=batch.batch_id)

    def test_knows_nobody_elses_batches(self, organization, undo):
        other = OrganizationFactory()
        batch = add(other, *phones(1, 3), undoable=True)
        process(other)

        with pytest.raises(errors.BatchNotFound):
            undo(batch)
