import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import ItemStatus, QueueArchive
from inventory.services.clearing import archive
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, imei_of, phones, process
from tests.inventory.staff import list_of, of, page_of, staff_client, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def archived(organization):
    """Two completed and one failed."""
    add(organization, *phones(1, 3), {"IMEI": "12", "Shelf": "A-1"})
    process(organization)
    for status in (ItemStatus.COMPLETED, ItemStatus.FAILED):
        archive(organization.pk, status, days=None)
    return list(QueueArchive.objects.order_by("queue_id"))


@pytest.fixture
def viewer(organization):
    return staff_client(organization)


def shown(page):
    return sorted(row.queue_id for row in page.context["cl"].result_list)


class TestList:
    def test_shows_what_has_left_the_queue_by_an_index(self, viewer, archived):
        with CaptureQueriesContext(connection) as captured:
            page = viewer.get(list_of("queuearchive"))

        assert shown(page) == [row.queue_id for row in archived]
        listed = [q["sql"] for q in captured if "LIMIT 51" in q["sql"]]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {listed[0]}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "idl_org_archived_idx" in plan

    def test_filters_by_outcome_and_finds_imei_and_item(self, viewer, archived):
        first, _, failed = archived

        assert shown(viewer.get(list_of("queuearchive", outcome="failed"))) == [failed.queue_id]
        for term in ("35 000000 000001 4", imei_of(1), first.queue_id):
            assert shown(viewer.get(list_of("queuearchive", q=term))) == [first.queue_id]
        assert shown(viewer.get(list_of("queuearchive", q="nobody"))) == []

    def test_is_empty_without_a_word_of_filters(self, viewer):
        text = text_of(viewer.get(list_of("queuearchive")))

        assert "No archived items yet Completed items come here when they are cleared" in text

    def test_asks_people_who_see_all_whose_it_is(self, client, archived):
        add(OrganizationFactory(name="Quay Phones"), *phones(1, 3))
        client.force_login(UserFactory(superuser=True))

        page = client.get(list_of("queuearchive"))

        assert "Choose a queue first" in page.text
        chosen = client.get(list_of("queuearchive", **of(archived[0].organization)))
        assert len(shown(chosen)) == 3


class TestPage:
    def test_tells_what_was_posted_and_what_became_of_it(self, viewer, archived):
        text = text_of(viewer.get(page_of(archived[2])))

        assert "IMEI must have 15 digits, got 2 imei_length" in text
        assert "Location Shelf A-1 A-1 read" in text
        assert "cleared Item moved to the archive" in text

    def test_changes_nothing(self, viewer, archived):
        assert viewer.post(page_of(archived[0]), {"imei": "1"}).status_code == 403

    def test_is_not_found_by_another_organization(self, archived):
        stranger = staff_client(OrganizationFactory())

        assert stranger.get(page_of(archived[0])).status_code == 404
