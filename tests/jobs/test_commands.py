import json
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule as EngineSchedule

from jobs.management.commands import runworker
from jobs.management.commands.runworker import find_setting_faults
from jobs.schedules import list_schedules
from tests.jobs.factories import SampleJobFactory


def run(name: str, **options: Any) -> str:
    output = StringIO()
    call_command(name, stdout=output, **options)
    return output.getvalue().strip()


@pytest.mark.django_db
class TestRunDueJobs:
    def test_works_off_what_is_due_and_says_how_much(self) -> None:
        jobs = SampleJobFactory.create_batch(2)

        assert run("run_due_jobs") == "Ran 2 due jobs."

        for job in jobs:
            job.refresh_from_db()
        assert {job.status for job in jobs} == {"completed"}

    def test_answers_with_one_object_for_scripts(self) -> None:
        assert json.loads(run("run_due_jobs", json=True)) == {"runs": 0}


@pytest.mark.django_db
class TestSyncSchedules:
    def test_says_what_it_changed(self) -> None:
        EngineSchedule.objects.all().delete()

        text = run("sync_schedules")

        assert text == f"Schedules: {len(list_schedules())} created, 0 updated, 0 deleted."

    def test_answers_with_one_object_for_scripts(self) -> None:
        run("sync_schedules")

        counts = json.loads(run("sync_schedules", json=True))

        assert counts == {"created": 0, "updated": 0, "deleted": 0}


@pytest.fixture
def production(settings: Any) -> Any:
    """The settings with which workers run."""
    settings.JOBS_DOORBELL = "django_q"
    settings.Q_CLUSTER = deepcopy(settings.Q_CLUSTER)
    return settings


class TestFindSettingFaults:
    def test_finds_none_in_the_settings_as_they_are_shipped(self, production: Any) -> None:
        assert find_setting_faults() == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("name", "another"),
            ("bulk", 5),
            ("queue_limit", 50),
            ("retry", 60),
            ("max_attempts", 0),
            ("ack_failures", False),
            ("save_limit", 250),
            ("guard_cycle", 2),
        ],
    )
    def test_finds_an_engine_setting_that_loses_or_doubles_work(
        self, production: Any, name: str, value: Any
    ) -> None:
        production.Q_CLUSTER[name] = value

        faults = find_setting_faults()

        assert len(faults) == 1
        assert name in faults[0]

    def test_finds_a_pool_of_connections(
        self, production: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        options = {"pool": {"max_size": 4}}
        monkeypatch.setitem(production.DATABASES["default"], "OPTIONS", options)

        assert "pool" in find_setting_faults()[0]

    def test_finds_a_doorbell_that_no_worker_hears(self, production: Any) -> None:
        production.JOBS_DOORBELL = "inline"

        assert find_setting_faults() == ["JOBS_DOORBELL must be django_q"]


class RecordingWatchdog:
    started: list[dict[str, Any]] = []

    def __init__(self, **options: Any) -> None:
        self.options = options

    def run(self) -> None:
        self.started.append(self.options)


class TestRunworker:
    @pytest.fixture(autouse=True)
    def _no_processes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(RecordingWatchdog, "started", [])
        monkeypatch.setattr(runworker, "Watchdog", RecordingWatchdog)

    def test_starts_a_cluster_for_each_queue(self, production: Any) -> None:
        production.Q_CLUSTER["workers"] = production.Q_CLUSTER["queue_limit"] = 3

        run("runworker")

        assert RecordingWatchdog.started == [
            {"queues": {"default": 3, "heavy": 1, "io": 1}, "default_queue": "default"}
        ]

    def test_serves_only_the_queues_that_it_is_told(self, production: Any) -> None:
        run("runworker", queues="io, heavy")

        assert RecordingWatchdog.started[0]["queues"] == {"io": 1, "heavy": 1}

    def test_refuses_a_queue_that_does_not_exist(self, production: Any) -> None:
        with pytest.raises(CommandError, match="no queue named fast"):
            run("runworker", queues="fast")

    def test_lists_every_fault_instead_of_starting(self, production: Any) -> None:
        production.Q_CLUSTER |= {"bulk": 5, "save_limit": 250}

        with pytest.raises(CommandError) as refusal:
            run("runworker")

        assert "bulk" in str(refusal.value)
        assert "save_limit" in str(refusal.value)
        assert RecordingWatchdog.started == []
