from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.models import Schedule as EngineSchedule
from django_q.scheduler import scheduler

from jobs import schedules
from jobs.dispatch import DatabaseBroker
from jobs.schedules import get_schedule, list_schedules, schedule, sync_schedules
from jobs.tasks import run_schedule
from tests.jobs.observe import list_doorbells
from tests.jobs.parallel import run_together

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def _only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of our own, without the kernel's schedules."""
    monkeypatch.setattr(schedules, "_schedules", {})


@pytest.fixture
def rows(db: None) -> None:
    EngineSchedule.objects.all().delete()


class TestSchedule:
    @pytest.mark.usefixtures("_only")
    def test_registers_a_function_by_name(self) -> None:
        function = schedule(name="tidy", minutes=5)(list)

        entry = get_schedule("tidy")
        assert entry is not None
        assert entry.function is function
        assert [known.name for known in list_schedules()] == ["tidy"]

    @pytest.mark.parametrize(
        "when",
        [{}, {"minutes": 0}, {"minutes": -1}, {"minutes": 5, "daily_at": time(2)}],
        ids=str,
    )
    def test_refuses_a_time_that_makes_no_sense(self, when: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="needs either"):
            schedule(name="odd", **when)  # type: ignore[arg-type]

    @pytest.mark.usefixtures("_only")
    def test_refuses_a_second_schedule_of_the_same_name(self) -> None:
        schedule(name="tidy", minutes=5)(list)

        with pytest.raises(ValueError, match="Two schedules"):
            schedule(name="tidy", minutes=7)(list)


class TestNextRun:
    @pytest.mark.usefixtures("_only")
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (time(6), NOW.replace(hour=6, minute=0)),
            (time(5), NOW.replace(hour=5, minute=0) + timedelta(days=1)),
            (time(5, 6), NOW + timedelta(days=1)),
        ],
    )
    def test_of_a_daily_one_is_the_next_time_of_day(self, at: time, expected: datetime) -> None:
        schedule(name="daily", daily_at=at)(list)

        assert list_schedules()[0].next_run(NOW) == expected

    @pytest.mark.usefixtures("_only")
    def test_of_a_frequent_one_is_now(self) -> None:
        schedule(name="often", minutes=5)(list)

        assert list_schedules()[0].next_run(NOW) == NOW


@pytest.mark.usefixtures("rows")
class TestSyncSchedules:
    def test_writes_the_declared_schedules(self) -> None:
        counts = sync_schedules(now=NOW)

        assert counts["created"] == len(list_schedules())
        sweep = EngineSchedule.objects.get(name="jobs_sweep")
        assert (sweep.func, sweep.minutes, sweep.next_run) == ("jobs.tasks.run_schedule", 1, NOW)

    def test_changes_nothing_the_second_time(self) -> None:
        sync_schedules(now=NOW)

        counts = sync_schedules(now=NOW + timedelta(hours=1))

        assert counts == {"created": 0, "updated": 0, "deleted": 0}
        assert EngineSchedule.objects.get(name="jobs_sweep").next_run == NOW

    @pytest.mark.parametrize(
        "damage", [{"minutes": 60}, {"args": "(open,"}, {"repeats": 0}, {"kwargs": "{}"}], ids=str
    )
    def test_repairs_what_somebody_changed(self, damage: dict[str, object]) -> None:
        sync_schedules(now=NOW)
        EngineSchedule.objects.filter(name="jobs_sweep").update(**damage)

        assert sync_schedules(now=NOW)["updated"] == 1
        assert EngineSchedule.objects.get(name="jobs_sweep").args == "('jobs_sweep',)"

    def test_deletes_doubles_and_what_is_no_longer_declared(self) -> None:
        sync_schedules(now=NOW)
        for name in ("jobs_sweep", "gone"):
            EngineSchedule.objects.create(name=name, func="jobs.tasks.run_schedule")

        assert sync_schedules(now=NOW)["deleted"] == 2

    def test_leaves_the_rows_of_others_alone(self) -> None:
        EngineSchedule.objects.create(name="theirs", func="somebody.elses")

        sync_schedules(now=NOW)

        assert EngineSchedule.objects.filter(name="theirs").exists()

    @pytest.mark.django_db(transaction=True)
    def test_gives_the_engine_rows_that_it_can_read(self) -> None:
        sync_schedules(now=timezone.now())

        scheduler(broker=DatabaseBroker(list_key="default"))

        started = {name for _, func, name in list_doorbells() if func == "jobs.tasks.run_schedule"}
        assert "jobs_sweep" in started

    @pytest.mark.django_db(transaction=True)
    def test_are_not_doubled_by_several_clusters(self) -> None:
        sync_schedules(now=timezone.now())
        OrmQ.objects.all().delete()

        run_together([lambda: scheduler(broker=DatabaseBroker(list_key="default"))] * 3)

        started = [arguments[2] for arguments in list_doorbells()]
        assert sorted(started) == sorted(set(started))
        assert "jobs_sweep" in started


class TestDeclaredSchedules:
    def test_include_the_kernels_own(self) -> None:
        assert {"jobs_sweep", "jobs_retention"} <= {entry.name for entry in list_schedules()}

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ["jobs_sweep", "jobs_retention"])
    def test_can_be_run(self, name: str) -> None:
        run_schedule(name)
