"""The queues on the admin's index page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.admin import dashboard
from inventory.models import QueueItem
from inventory.services.control import stop_queue
from tests.accounts.factories import OrganizationFactory, UserFactory, grant
from tests.inventory.factories import add, phones, process
from tests.inventory.staff import list_of, of, staff_client, text_of

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


class TestAddQueues:
    def test_tells_how_a_queue_is_and_leads_to_it(self):
        organization = OrganizationFactory(name="Harbor Phones")
        add(organization, {"imei": "12"}, *phones(1, 4))
        process(organization, limit=2)
        QueueItem.objects.create(
            organization=organization, raw_data={}, run_after="2126-01-01T00:00:00Z"
        )
        lost = {"status": "processing", "locked_at": timezone.now() - timedelta(hours=1)}
        QueueItem.objects.create(organization=organization, raw_data={}, **lost)
        add(OrganizationFactory(name="Quay Phones"), *phones(9, 10))
        staff = staff_client(organization)

        page = staff.get(INDEX)

        assert re.search(r"Harbor Phones running 2 \d\.\d s 1 1 1 1 0\.4", text_of(page))
        assert "Quay Phones" not in page.text
        for url in (
            list_of("queuecontrol", **of(organization)),
            list_of("queueitem", **of(organization), status="failed"),
            list_of("queueitem", **of(organization), status="processing"),
        ):
            assert f'href="{url.replace("&", "&amp;")}"' in page.text

        stop_queue(organization_id=organization.pk, actor=UserFactory())

        assert "Harbor Phones stopped" in text_of(staff.get(INDEX))

    def test_says_how_many_more_there_are(self, rf, monkeypatch):
        monkeypatch.setattr(dashboard, "MOST", 1)
        for name in ("Harbor Phones", "Quay Phones"):
            add(OrganizationFactory(name=name), *phones(1, 2))
        request = rf.get(INDEX)
        request.user = UserFactory(superuser=True)

        context = {}
        dashboard.add_queues(request, context)

        assert [row["queue"].organization.name for row in context["queues"]] == ["Harbor Phones"]
        assert context["more_queues"] == 1

    def test_is_only_for_those_who_may_look_at_queues(self, client):
        client.force_login(grant(UserFactory(staff=True), "view_queueitem"))

        assert "queues" not in client.get(INDEX).context

    def test_says_how_a_queue_begins(self):
        page = staff_client(OrganizationFactory()).get(INDEX)

        assert "No phone has been added yet" in page.text
