import pytest

from inventory.errors import PriorityInvalid
from inventory.models import QueueItem
from inventory.services import prioritising
from inventory.services.prioritising import set_priority
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, phones, process

pytestmark = pytest.mark.django_db


class TestSetPriority:
    def test_moves_what_is_pending_and_leaves_the_rest(self, organization, monkeypatch):
        monkeypatch.setattr(prioritising, "CHUNK", 2)
        add(organization, *phones(1, 5))
        process(organization, limit=1)
        foreign = add(OrganizationFactory(), *phones(7, 8))
        ids = list(QueueItem.objects.order_by("id").values_list("pk", flat=True))

        count = set_priority(organization_id=organization.pk, ids=ids, priority=1)

        assert count == 3
        moved = QueueItem.objects.filter(priority=1).order_by("id")
        assert set(moved.values_list("status", flat=True)) == {"pending"}
        assert not moved.filter(batch_id=foreign.batch_id).exists()

    def test_puts_an_item_before_all_others(self, organization):
        add(organization, *phones(1, 4))
        last = QueueItem.objects.order_by("-id").first()

        set_priority(organization_id=organization.pk, ids=[last.pk], priority=1)
        process(organization, limit=1)

        last.refresh_from_db()
        assert last.status == "completed"

    @pytest.mark.parametrize("priority", [0, 11, True])
    def test_refuses_what_is_no_priority(self, organization, priority):
        with pytest.raises(PriorityInvalid):
            set_priority(organization_id=organization.pk, ids=[1], priority=priority)
