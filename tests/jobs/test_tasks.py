import pytest

from jobs import heartbeat
from jobs.errors import HandlerMissing
from jobs.tasks import deliver, run_schedule
from tests.jobs.factories import SampleJobFactory
from tests.jobs.observe import effect_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    heard: list[bool] = []
    monkeypatch.setattr(heartbeat, "beat", lambda: heard.append(True))
    return heard


class TestDeliver:
    def test_works_on_the_most_urgent_job_of_the_model(self, beats: list[bool]) -> None:
        SampleJobFactory(priority=9)
        urgent = SampleJobFactory(priority=1)

        deliver("sample.samplejob", "default")

        urgent.refresh_from_db()
        assert urgent.status == "completed"
        assert beats == [True]

    def test_is_a_no_op_when_it_comes_again(self) -> None:
        job = SampleJobFactory()

        for _ in range(3):
            deliver("sample.samplejob", "default")

        assert effect_numbers(job) == list(range(10))

    def test_says_that_no_program_knows_the_model(self) -> None:
        with pytest.raises(HandlerMissing):
            deliver("inventory.gone", "default")


class TestRunSchedule:
    def test_lets_the_watchdog_hear_of_it(self, beats: list[bool]) -> None:
        run_schedule("jobs_sweep")

        assert beats == [True]

    def test_passes_over_a_schedule_that_is_no_longer_declared(self) -> None:
        run_schedule("gone")
