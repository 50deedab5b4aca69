from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from inventory.models import (
    ProcessingLog,
    QueueArchive,
    QueueImport,
    QueueImportRow,
    QueueItem,
    QueueItemUndo,
    QueueSlice,
)
from inventory.services.retention import clean_up
from jobs.schedules import get_schedule
from tests.inventory.factories import add, assert_counts_fit, phones, process

pytestmark = pytest.mark.django_db


def ago(**span):
    return timezone.now() - timedelta(**span)


class TestCleanUp:
    def test_archives_completed_and_old_failed_items(self, organization):
        add(organization, *phones(1, 3), {"imei": "12"}, {"imei": "13"})
        process(organization)
        QueueItem.objects.filter(status="completed").update(processed_at=ago(days=31))
        old = QueueItem.objects.filter(status="failed").order_by("id")[0]
        QueueItem.objects.filter(pk=old.pk).update(processed_at=ago(days=181))

        clean_up()

        assert QueueItem.objects.get().raw_data == {"imei": "13"}
        assert QueueArchive.objects.count() == 3
        assert_counts_fit(organization)

    def test_deletes_what_is_past_its_time(self, organization):
        add(organization, *phones(1, 3), undoable=True)
        process(organization)
        assert QueueItemUndo.objects.count() == 2
        keep = ProcessingLog.objects.order_by("id")[0]
        ProcessingLog.objects.exclude(pk=keep.pk).update(created_at=ago(days=366))
        QueueItemUndo.objects.update(created_at=ago(days=31))
        QueueItem.objects.update(processed_at=ago(days=40))
        clean_up()
        QueueArchive.objects.update(archived_at=ago(days=366))

        clean_up()

        assert keep in ProcessingLog.objects.all()
        assert not ProcessingLog.objects.filter(created_at__lt=ago(days=365)).exists()
        assert not QueueItemUndo.objects.exists()
        assert not QueueArchive.objects.exists()

    def test_folds_slices_to_hours(self, organization):
        moment = ago(days=3).replace(minute=30)
        for minutes in (0, 5, 10):
            QueueSlice.objects.create(
                organization=organization,
                finished_at=moment + timedelta(minutes=minutes),
                source="api",
                claimed=10,
                completed=9,
                failed=1,
                wait_ms_sum=100,
                wait_ms_max=minutes,
                run_ms=7,
            )
        QueueSlice.objects.create(organization=organization, claimed=1)

        clean_up()
        clean_up()

        folded = QueueSlice.objects.get(source="api")
        assert folded.finished_at == moment.replace(minute=0, second=0, microsecond=0)
        assert (folded.claimed, folded.completed, folded.failed) == (30, 27, 3)
        assert (folded.wait_ms_sum, folded.wait_ms_max, folded.run_ms) == (300, 10, 21)
        assert QueueSlice.objects.count() == 2

    def test_deletes_old_imports_with_their_files_and_rows(self, organization, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        made = QueueImport.objects.create(
            organization=organization, sha256="0" * 64, file=ContentFile(b"x", name="a.csv")
        )
        QueueImportRow.objects.create(
            organization=organization, queue_import=made, line_no=1, data={}
        )
        QueueImport.objects.update(updated_at=F("created_at") - timedelta(days=31))

        clean_up()

        assert not QueueImport.objects.exists()
        assert not QueueImportRow.objects.exists()
        assert not any(path.is_file() for path in tmp_path.rglob("*"))

    def test_runs_at_night(self):
        assert str(get_schedule("inventory_retention").daily_at) == "03:40:00"
