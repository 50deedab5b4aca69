"""What the commands of this app have in common: whose queue, and how facts are printed."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from accounts.errors import DomainError
from accounts.models import Organization


class QueueCommand(BaseCommand):
    """A command for one organization: it says in `run` what is to be printed.

    A refusal, and a `CommandError` of `judge` after the printing, end it with exit code 1, a
    database that is away with 2.
    """

    organization_required: ClassVar[bool] = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--organization",
            required=self.organization_required,
            metavar="SLUG",
            help="whose queue" if self.organization_required else "default: all organizations",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["organization"]
        try:
            facts = self.run(find_organization(slug) if slug else None, options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except (InterfaceError, OperationalError) as error:
            raise CommandError("Queue database is not available", returncode=2) from error
        write(self, facts, as_json=options["json"])
        self.judge(facts)

    def run(self, organization: Any, options: dict[str, Any]) -> dict[str, Any]:
        """Facts to print. `organization` is None where none is required and none was named."""
        raise NotImplementedError

    def judge(self, facts: dict[str, Any]) -> None:
        """Raise CommandError when what was printed is bad news."""


def find_organization(slug: str) -> Organization:
    organization: Organization | None = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"There is no organization with the slug {slug!r}.")
    return organization


def flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the API as facts to print: its message and its data."""
    message = {"message": body["message"]} if "message" in body else {}
    return {**message, **body["data"]}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read. Raises CommandError where it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield file


def write(command: BaseCommand, facts: dict[str, Any], *, as_json: bool) -> None:
    """One JSON object for programs, or a line a fact for people."""
    if as_json:
        command.stdout.write(json.dumps(facts))
        return
    for name, value in facts.items():
        command.stdout.write(f"{name}: {value}")
