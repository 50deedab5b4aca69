import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.demo import Demo

Load = Callable[[Demo], dict[str, Any]]


class Command(BaseCommand):
    help = "Fill the database with demo data. Run again, it adds what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", choices=["small", "large"], default="small")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--force", action="store_true", help="also in production")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED and not options["force"]:
            raise CommandError("Demo users do not belong into production. Use --force to add them.")
        demo = Demo(scale=options["scale"], now=timezone.now())
        facts: dict[str, Any] = {"worker_secret": settings.QR_WORKER_SECRET or settings.CRON_SECRET}
        for load in list_parts():
            facts |= load(demo)
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(describe_logins(facts)))


def list_parts() -> Iterator[Load]:
    """`load` of every `<app>/demo.py`, in the order of INSTALLED_APPS: an app after those it uses."""
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.demo") is not None:
            yield import_module(f"{app.name}.demo").load


def describe_logins(facts: dict[str, Any]) -> Iterator[str]:
    yield "Demo data is loaded. Sign in as:"
    for name, user in facts["users"].items():
        kind = "staff" if user["staff"] else user["role"]
        yield f"  {name:<20} {user['password']:<14} {kind} at {user['organization']}"
