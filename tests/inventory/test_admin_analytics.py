"""The analytics page: throughput, waiting, failures by cause, sources, TACs, drains."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from inventory.models import QueueItem, TacModel
from inventory.services.control import stop_queue
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import A, add, imei_of, process
from tests.inventory.staff import list_of, of, staff_client, text_of, words_of

pytestmark = pytest.mark.django_db

PAGE = list_of("queueslice")
RIGHTS = ("view_queueslice", "retry_item")


def retry_of(organization, code="imei_length"):
    return f"{PAGE}retry/?organization__id__exact={organization.pk}&code={code}"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def queue(organization):
    """One completed, two of a cause failed, one cancelled; a device of another model."""
    add(
        organization,
        {"imei": A, "brand": "Apple", "model": "iPhone 14"},
        {"imei": "12"},
        {"imei": "13"},
        source="scan",
        now=timezone.now(),
    )
    TacModel.objects.create(organization=organization, tac=A[:8], brand="Apple", model="iPhone 13")
    process(organization)
    cancelled = {"status": "failed", "error_code": "cancelled"}
    QueueItem.objects.create(organization=organization, raw_data={}, **cancelled)
    return organization


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


class TestPage:
    def test_tells_how_the_queue_has_done(self, queue, staff):
        text = text_of(staff.get(PAGE))

        assert "Harbor Phones" in text
        assert "Completed 1 " in text
        assert "Failed 2 " in text
        assert "To be retried 0 " in text
        assert "Share failed 66.67 %" in text
        assert "Items per hour last 24 hours" in text
        assert "1 completed, 2 failed, 0 to be retried; a minute" in text
        assert "scan 1 2 66.67 %" in text
        assert f"{A[:8]} Apple iPhone 13 1 {A}" in text
        assert "2 imei_length Digits are missing" in text
        assert "; last seen 20" in text

    def test_links_to_what_it_counts(self, queue, staff):
        page = staff.get(PAGE).text

        owner = f"organization__id__exact={queue.pk}"
        assert f"queueitem/?{owner}&amp;status=failed&amp;error_code=imei_length" in page
        assert f"device/?{owner}&amp;tac_mismatch=yes" in page
        assert f"device/?{owner}&amp;q={A}" in page
        example = QueueItem.objects.filter(error_code="imei_length").latest("pk")
        assert f"/queueitem/{example.pk}/change/" in page
        assert f"queuedrain/?{owner}" in page
        assert f"retry/?{owner}&amp;code=imei_length" in page
        assert "code=cancelled" not in page.replace("error_code=cancelled", "")

    @pytest.mark.parametrize(
        ("hours", "words"),
        [
            ("1", "Items per minute last 1 hour"),
            ("168", "Items per 6 hours last 7 days"),
            ("720", "Items per day last 30 days"),
            ("5", "Items per hour last 24 hours"),
            ("x", "Items per hour last 24 hours"),
        ],
    )
    def test_looks_back_as_far_as_is_chosen(self, organization, staff, hours, words):
        text = text_of(staff.get(PAGE, {"hours": hours}))

        assert words in text
        assert "No item was handled in this time" in text
        assert "No item has failed." in text
        assert "No worker has taken items from this queue yet." in text

    def test_costs_the_same_whatever_has_happened(
        self, queue, staff, django_assert_max_num_queries
    ):
        for number in range(5):
            add(queue, {"imei": imei_of(number)}, {"imei": "x"}, source=f"s{number}")
        process(queue)

        with django_assert_max_num_queries(20):
            staff.get(PAGE)

    def test_lets_those_choose_who_see_several_queues(self, client, queue):
        other = OrganizationFactory(name="Quay Phones")
        client.force_login(UserFactory(superuser=True))

        assert client.get(PAGE).url == f"{PAGE}?organization__id__exact={queue.pk}"
        add(other, {"imei": A})
        assert "Quay Phones" in client.get(PAGE).text
        assert "Completed 0 " in text_of(client.get(PAGE, of(other)))


class TestRetryPage:
    def test_asks_first_with_the_count_and_the_effect(self, queue, staff):
        text = text_of(staff.get(retry_of(queue)))

        assert "Retry 2 items with imei_length: are you sure?" in text
        assert "They wait in the queue again, with their retries counted anew." in text
        assert QueueItem.objects.filter(status="failed").count() == 3

    def test_queues_them_again_and_keeps_who_did_it_and_why(self, queue, staff):
        answer = staff.post(retry_of(queue), {"reason": "Scanner mended"})

        assert answer.url == f"{PAGE}?organization__id__exact={queue.pk}"
        assert words_of(answer) == ["Retried 2 items with imei_length."]
        assert QueueItem.objects.get(status="failed").error_code == "cancelled"
        entry = LogEntry.objects.get()
        assert entry.change_message == ("Retried 2 items with imei_length. Reason: Scanner mended")

    def test_says_when_they_have_to_wait(self, queue, staff):
        stop_queue(organization_id=queue.pk, actor=None)

        answer = staff.post(retry_of(queue), {"reason": ""})

        assert words_of(answer) == [
            "Retried 2 items with imei_length. Processing is stopped: they wait."
        ]

    @pytest.mark.parametrize("code", ["cancelled", "", "nonsense"])
    def test_is_not_there_for_what_nobody_retries_together(self, queue, staff, code):
        assert staff.post(retry_of(queue, code), {"reason": "x"}).status_code == 404

    def test_is_not_there_for_others(self, queue):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert stranger.post(retry_of(queue), {"reason": "x"}).status_code == 404
        assert QueueItem.objects.filter(status="failed").count() == 3


class TestWhoMay:
    def test_viewers_see_no_button(self, queue):
        viewer = staff_client(queue, "view_queueslice")

        assert "Retry these" not in viewer.get(PAGE).text
        assert viewer.get(retry_of(queue)).status_code == 403
        assert viewer.post(retry_of(queue), {"reason": "x"}).status_code == 403

    def test_other_organizations_are_not_looked_into(self, queue):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert "Harbor Phones" not in stranger.get(PAGE, of(queue)).text

    def test_staff_without_the_right_are_refused(self, queue):
        assert staff_client(queue).get(PAGE).status_code == 403
