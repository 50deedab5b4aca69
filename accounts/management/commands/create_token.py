import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Organization, User
from accounts.services import create_token


class Command(BaseCommand):
    help = "Create a bearer token for a user and print it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, help="username")
        parser.add_argument("--organization", help="slug; needed with several memberships")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["user"])
        try:
            token, secret = create_token(
                user=user,
                organization=self._organization(user, options["organization"]),
                name=options["name"],
                expires_in=timedelta(days=options["days"]),
                now=timezone.now(),
            )
        except OverflowError as error:
            raise CommandError("That is too many days.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        facts = {
            "id": str(token.pk),
            "token": secret,
            "name": token.name,
            "user": user.username,
            "organization": token.organization.slug,
            "expires_at": token.expiry.isoformat(),
        }
        self.stdout.write(json.dumps(facts) if options["json"] else secret)

    def _user(self, username: str) -> User:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {username}.")
        return user

    def _organization(self, user: User, slug: str | None) -> Organization:
        if slug:
            organization = Organization.objects.filter(slug=slug).first()
            if organization is None:
                raise CommandError(f"There is no organization {slug}.")
            return organization
        if user.organization is None:
            raise CommandError("Say which organization: --organization <slug>")
        return user.organization
