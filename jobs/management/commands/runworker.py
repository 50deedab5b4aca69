from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobs.dispatch import DEFAULT_QUEUE
from jobs.watchdog import Watchdog


class Command(BaseCommand):
    help = "Run the background workers, watched: the only way in which workers start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues",
            default="default,heavy,io",
            help="Comma-separated queues to serve (default: all).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = find_setting_faults()
        if faults:
            raise CommandError("Workers cannot start:\n" + "\n".join(f"- {f}" for f in faults))
        queues = {}
        for name in options["queues"].split(","):
            queues[name.strip()] = _workers_for(name.strip())
        Watchdog(queues=queues, default_queue=DEFAULT_QUEUE).run()


def _workers_for(queue: str) -> int:
    if queue == DEFAULT_QUEUE:
        return int(settings.Q_CLUSTER["workers"])
    try:
        return int(settings.Q_CLUSTER["ALT_CLUSTERS"][queue]["workers"])
    except KeyError:
        raise CommandError(f"There is no queue named {queue}.") from None


def find_setting_faults() -> list[str]:
    """Settings with which django-q2 loses or doubles work; see the kernel page of the docs."""
    engine = settings.Q_CLUSTER
    checks = {
        "DATABASES uses a connection pool: forked workers would share its sockets": not (
            settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
        ),
        "JOBS_DOORBELL must be django_q": settings.JOBS_DOORBELL == "django_q",
        "Q_CLUSTER name must be default": engine["name"] == DEFAULT_QUEUE,
        "Q_CLUSTER bulk must be 1": engine["bulk"] == 1,
        "Q_CLUSTER queue_limit must equal workers": engine["queue_limit"] == engine["workers"],
        "Q_CLUSTER retry must be greater than timeout": engine["retry"] > engine["timeout"],
        "Q_CLUSTER max_attempts must be 1": engine["max_attempts"] == 1,
        "Q_CLUSTER ack_failures must be True": engine["ack_failures"] is True,
        "Q_CLUSTER save_limit must be -1": engine["save_limit"] == -1,
        "Q_CLUSTER guard_cycle must divide timeout + 3": (
            (engine["timeout"] + 3) % engine["guard_cycle"] == 0
        ),
    }
    return [fault for fault, is_well in checks.items() if not is_well]
