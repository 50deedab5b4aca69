"""What the intake pages share: where phones are taken in, and since when they are counted."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Organization, Role
from inventory.models import Location
from inventory.selectors.intake_places import find_place
from inventory.selectors.intake_scans import ScansOf
from scanning.answers import Answer, keep_answer
from scanning.views import PostMixin, StationView

SESSION_KEY = "intake"
# The last place of this browser, also for the next person who signs in here.
COOKIE = "intake_place"
COOKIE_SECONDS = 365 * 24 * 3600
UNCHANGED = "Nothing was changed."


@dataclass(frozen=True)
class Count:
    """What one person takes in between two presses of "Start a new count"."""

    location_id: int | None
    since: datetime


class IntakeView(StationView):
    templates = "inventory/scan"
    required_role = Role.OPERATOR

    @property
    def page_url(self) -> str:
        return reverse("intake:station")

    @property
    def organization(self) -> Organization:
        organization = self.user.organization
        assert organization is not None  # noqa: S101 (the role was checked)
        return organization

    @property
    def organization_id(self) -> UUID:
        return self.organization.pk

    @cached_property
    def count(self) -> Count:
        kept = self.request.session.get(SESSION_KEY) or {}
        since = kept.get("since")
        return Count(
            kept.get("location"), datetime.fromisoformat(since) if since else timezone.now()
        )

    @cached_property
    def place(self) -> Location | None:
        """Where phones are taken in now; a place of another organization is none."""
        return find_place(organization_id=self.organization_id, location_id=self.count.location_id)

    @property
    def own_scans(self) -> ScansOf:
        return ScansOf(self.organization_id, self.user.pk, self.count.since)

    def keep_place(self, place: Location) -> HttpResponse:
        """Take in there from now on."""
        since = self.count.since.isoformat()
        self.request.session[SESSION_KEY] = {"location": place.pk, "since": since}
        response = redirect("intake:station")
        response.set_cookie(
            COOKIE,
            str(place.pk),
            max_age=COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def begin_count(self) -> None:
        location = self.place.pk if self.place else None
        since = timezone.now().isoformat()
        self.request.session[SESSION_KEY] = {"location": location, "since": since}


class IntakePost(PostMixin, IntakeView):
    """A form of an intake page; it leads back to the station."""

    def show(self, answer: Answer, **parameters: str) -> HttpResponse:
        more = f"&{urlencode(parameters)}" if parameters else ""
        return redirect(self.page_url + keep_answer(self.request, answer) + more)
