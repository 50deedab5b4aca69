"""One worker process without an engine, made to die or to stop at an exact place, again and again.

    python -m tests.chaos.lone_worker JOB_ID [--at PLACE --times N] [--signal KILL|STOP]

Works until the job has ended, in a forked child that is forked again whenever it is killed. With
PLACE, a child sends itself the signal when it comes there for the second time, so that each one
gets a slice further. Prints "stopped PID" or "killed PID" as it happens and "ended" at the end.
"""

import argparse
import os
import signal
import sys
import time

import django
from django.apps import apps
from django.db import Error, connection

from jobs.states import State

POLL_SECONDS = 0.02
BETWEEN_SLICES = "between slices"


def main() -> int:
    options = _parse()
    django.setup()
    kills = 0
    while True:
        armed = options.at is not None and kills < options.times
        child = os.fork()
        if child == 0:
            os._exit(_work(options.job, options.at if armed else None, options.signal))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            _say("ended")
            return os.waitstatus_to_exitcode(status)
        kills += 1
        _say(f"killed {child}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("--at")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--signal", choices=["KILL", "STOP"], default="KILL")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _work(job_id: str, place: str | None, name: str) -> int:
    from jobs.runner import run_next
    from tests.jobs.sample.models import SampleJob

    if place is not None:
        _die_at(place, signal.Signals[f"SIG{name}"])
    ended = [SampleJob.states.word_for(s) for s in (State.DONE, State.FAILED, State.CANCELLED)]
    while True:
        try:
            run_next(SampleJob)
            if SampleJob.objects.filter(pk=job_id, status__in=ended).exists():
                return 0
        except Error:
            # The database is away; so it is for every worker.
            connection.close()
        time.sleep(POLL_SECONDS)


def _die_at(place: str, number: signal.Signals) -> None:
    from jobs import runner

    tasks = apps.get_app_config("sample").module.tasks  # type: ignore[union-attr]
    visits = 0

    def listen(reached: str) -> None:
        nonlocal visits
        visits += reached == place
        if visits == 2:
            visits += 1
            if number is signal.SIGSTOP:
                _say(f"stopped {os.getpid()}")
            os.kill(os.getpid(), number)

    def look_between_slices() -> bool:
        listen(BETWEEN_SLICES)
        return False

    tasks.listeners.append(listen)
    runner.is_stopping = look_between_slices


if __name__ == "__main__":
    sys.exit(main())
