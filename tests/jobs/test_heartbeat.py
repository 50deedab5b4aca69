from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs import heartbeat
from jobs.heartbeat import NAME_VARIABLE, beat, register
from jobs.models import WorkerHost

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> WorkerHost:
    """A cluster that was last heard of an hour ago, and this process is its worker."""
    monkeypatch.setattr(heartbeat, "_last_beat", float("-inf"))
    monkeypatch.setenv(NAME_VARIABLE, "host:1:default")
    host = register(name="host:1:default", queue="default", workers=2)
    WorkerHost.objects.update(beat_at=Now() - timedelta(hours=1))
    return host


class TestRegister:
    def test_announces_a_cluster_that_is_alive(self) -> None:
        register(name="host:1:io", queue="io", workers=1)

        assert WorkerHost.objects.alive().get().queue == "io"

    def test_takes_the_row_of_an_earlier_start(self) -> None:
        first = register(name="host:1:io", queue="io", workers=1)

        second = register(name="host:1:io", queue="io", workers=4)

        assert second.pk == first.pk
        assert WorkerHost.objects.get().workers == 4


class TestBeat:
    def test_is_heard_by_the_watchdog_of_this_cluster(self, host: WorkerHost) -> None:
        register(name="host:1:io", queue="io", workers=1)
        WorkerHost.objects.update(beat_at=Now() - timedelta(hours=1))

        beat()

        assert WorkerHost.objects.heard(within_seconds=60).get() == host

    def test_is_written_every_few_seconds_at_most(self, host: WorkerHost) -> None:
        beat()
        WorkerHost.objects.update(beat_at=Now() - timedelta(hours=1))

        beat()

        assert not WorkerHost.objects.heard(within_seconds=60).exists()

    def test_is_nothing_outside_of_a_cluster(
        self, host: WorkerHost, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(NAME_VARIABLE)

        beat()

        assert not WorkerHost.objects.heard(within_seconds=60).exists()
