"""What the commands of this app read from their command line in the same way."""

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Membership, Role, User
from qrtracking.models import Batch
from qrtracking.rules.ranges import parse_case_numbers


def get_batch(batch_id: UUID) -> Batch:
    batch: Batch | None = Batch.objects.filter(pk=batch_id).select_related("order").first()
    if batch is None:
        raise CommandError(f"There is no batch {batch_id}.")
    return batch


def get_actor(batch: Batch, username: str | None, *, role: Role = Role.OPERATOR) -> User:
    """The member in whose name the command acts: the one named, else the first who may."""
    members = Membership.objects.filter(
        organization_id=batch.organization_id,
        user__is_active=True,
        role__in=[other for other in Role if other.at_least(role)],
    )
    if username is not None:
        members = members.filter(user__username=username)
    membership = members.select_related("user", "organization").order_by("created_at", "id").first()
    if membership is None:
        raise CommandError("No such member of the batch's organization may do this.")
    user: User = membership.user
    user.membership = membership
    return user


def read_entries(path: Path | None) -> list[str]:
    """The text of a file of codes as one pasted text; nothing without a file."""
    if path is None:
        return []
    try:
        return [path.read_text(encoding="utf-8-sig")]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def case_numbers(text: str) -> list[int]:
    try:
        return parse_case_numbers(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def write(command: BaseCommand, facts: dict[str, Any], *, as_json: bool) -> None:
    """One JSON object for programs, or a line a fact for people."""
    if as_json:
        command.stdout.write(json.dumps(facts))
        return
    for name, value in facts.items():
        command.stdout.write(f"{name}: {value}")
