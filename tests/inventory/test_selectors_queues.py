import pytest

from inventory.selectors.queues import list_queues
from inventory.services.control import stop_queue
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.inventory.factories import add, phones, process

pytestmark = pytest.mark.django_db


class TestListQueues:
    def test_shows_each_queue_the_most_troubled_first(self):
        calm, troubled = OrganizationFactory(), OrganizationFactory()
        OrganizationFactory()
        add(calm, *phones(1, 4))
        process(calm, limit=1)
        add(troubled, {"imei": "12"})
        process(troubled)
        stop_queue(organization_id=troubled.pk, actor=None)

        found = list_queues(UserFactory(superuser=True))

        assert [
            (one.organization, one.pending, one.processing, one.completed, one.failed)
            for one in found
        ] == [(troubled, 0, 0, 0, 1), (calm, 2, 0, 1, 0)]
        assert [one.is_stopped for one in found] == [True, False]
        assert all(one.health.is_ok for one in found)

    def test_shows_a_member_their_own(self):
        organization = OrganizationFactory()
        add(organization, *phones(1, 2))
        add(OrganizationFactory(), *phones(1, 2))

        found = list_queues(make_member("viewer", organization=organization, is_staff=True))

        assert [one.organization for one in found] == [organization]
