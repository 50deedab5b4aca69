from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.admin_base.wording import format_duration, next_step, run_time, state_badge, wait_time
from jobs.models import OutboxMessage
from tests.jobs.sample.models import SAMPLE_STATES, SampleJob

NOW = timezone.now()


class TestFormatDuration:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "0.0 s"),
            (0.44, "0.4 s"),
            (-3, "0.0 s"),
            (12.9, "12 s"),
            (60, "1 m 0 s"),
            (184, "3 m 4 s"),
            (3_600, "1 h 0 m"),
            (3_725, "1 h 2 m"),
            (86_400, "1 d 0 h"),
            (356_400, "4 d 3 h"),
        ],
    )
    def test_reads_well_at_every_size(self, seconds, text):
        assert format_duration(timedelta(seconds=seconds)) == text

    def test_shows_a_dash_for_none(self):
        assert format_duration(None) == "-"


class TestTimes:
    def test_waits_until_the_start(self):
        job = SampleJob(created_at=NOW, started_at=NOW + timedelta(seconds=5))

        assert wait_time(job) == timedelta(seconds=5)

    def test_waits_until_its_end_when_it_never_started(self):
        job = SampleJob(created_at=NOW, completed_at=NOW + timedelta(seconds=7))

        assert wait_time(job) == timedelta(seconds=7)
        assert run_time(job) is None

    def test_runs_from_start_to_end(self):
        job = SampleJob(started_at=NOW, completed_at=NOW + timedelta(seconds=9))

        assert run_time(job) == timedelta(seconds=9)


class TestStateBadge:
    @pytest.mark.parametrize(
        ("fields", "badge"),
        [
            ({"status": "queued"}, ("", "queued")),
            ({"status": "queued", "attempts": 1}, ("warning", "retrying")),
            (
                {"status": "running", "lease_expires_at": NOW + timedelta(hours=1)},
                ("info", "running"),
            ),
            ({"status": "running"}, ("danger", "stuck")),
            (
                {
                    "status": "running",
                    "lease_expires_at": NOW + timedelta(hours=1),
                    "cancel_requested_at": NOW,
                },
                ("warning", "cancelling"),
            ),
            ({"status": "completed"}, ("success", "completed")),
            ({"status": "failed"}, ("danger", "failed")),
            ({"status": "cancelled"}, ("warning", "cancelled")),
            ({"status": "ready_to_ship"}, ("", "ready to ship")),
        ],
    )
    def test_tells_every_state_apart(self, fields, badge):
        assert state_badge(SampleJob(**fields)) == badge

    @pytest.mark.parametrize("model", [SampleJob, OutboxMessage])
    def test_speaks_the_words_of_the_model(self, model):
        assert {state_badge(model(status=word))[1] for word in model.states} >= {
            model.states.done,
            model.states.failed,
        }


class TestNextStep:
    @pytest.mark.parametrize(
        ("fields", "is_paused", "part"),
        [
            ({"status": "queued", "run_after": NOW - timedelta(hours=1)}, False, ""),
            ({"status": "queued", "run_after": NOW - timedelta(hours=1)}, True, "are paused"),
            ({"status": "queued", "run_after": NOW + timedelta(hours=1)}, False, "not due before"),
            ({"status": "queued", "run_after": NOW, "attempts": 2}, False, "tried again at"),
            ({"status": "running"}, False, "no sign of life"),
            ({"status": "failed", "error_code": "poison"}, False, "worker died several times"),
            ({"status": "failed", "attempts": 3}, False, "tried 3 times"),
            ({"status": "failed", "attempts": 1}, False, "correct the cause"),
            ({"status": "completed"}, False, ""),
            ({"status": "cancelled"}, False, ""),
        ],
    )
    def test_says_what_comes_or_what_to_do(self, fields, is_paused, part):
        text = next_step(SampleJob(**fields), is_paused=is_paused)

        assert part in text
        assert bool(text) is bool(part)

    def test_says_that_a_cancelled_job_stops(self):
        job = SampleJob(
            status="running",
            lease_expires_at=NOW + timedelta(hours=1),
            cancel_requested_at=NOW,
        )

        assert next_step(job, is_paused=False) == "It stops before its next step."

    def test_knows_all_words(self):
        assert {SampleJob(status=word).state for word in SAMPLE_STATES} != {None}
