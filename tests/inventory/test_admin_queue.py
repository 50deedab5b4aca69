"""The Queue page: the switch, the numbers, whose queue it is."""

import re

import pytest

from inventory.models import QueueControl, QueueDrain, QueueItem
from inventory.selectors.queue import BACKLOG
from inventory.services.control import stop_queue
from jobs.services import pause_job_type
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, phones, process
from tests.inventory.staff import RIGHTS, list_of, of, staff_client, text_of, words_of

pytestmark = pytest.mark.django_db

QUEUE = list_of("queuecontrol")
FORM = {"reason": "Stock-taking"}


def at(page, organization):
    return f"{QUEUE}{page}/?organization__id__exact={organization.pk}"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def other():
    other = OrganizationFactory(name="Quay Phones")
    add(other, *phones(1, 4))
    return other


@pytest.fixture
def queue(organization):
    """One completed, one failed, two due, one delayed."""
    add(organization, {"imei": "12"}, *phones(1, 4))
    process(organization, limit=2)
    delayed = QueueItem.objects.create(
        organization=organization, raw_data={}, run_after="2126-01-01T00:00:00Z"
    )
    assert delayed.pk
    return organization


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


class TestPage:
    def test_shows_counts_pace_drains_and_causes(self, queue, staff):
        page = staff.get(QUEUE)

        text = text_of(page)
        assert "Due 2 Delayed 1 In hand 0 Stuck 0 Completed 1 Failed 1" in text
        assert "Health ok" in text
        assert "Items a minute, now 120" in text
        assert "1 imei_length Digits are missing" in text
        assert "1 completed, 1 failed" in page.text
        assert "queued not yet 0 0 0" in text
        assert re.search(r"Average time, add to end \d\.\d s", text)
        assert list_of("queueitem", status="failed", **of(queue)).replace("&", "&amp;") in page.text

    def test_leads_to_what_the_person_may_see(self, queue, staff):
        of_it = of(queue)

        links = dict(staff.get(QUEUE).context["links"])

        assert links == {
            "Items": list_of("queueitem", **of_it, status="all"),
            "Batches": list_of("queuebatch", **of_it),
            "Archive": list_of("queuearchive", **of_it),
        }

    def test_leads_to_the_retry_of_one_cause_who_may_do_that(self, queue):
        staff = staff_client(queue, "retry_item", "view_queueslice", username="eve")
        viewer = staff_client(queue, "view_queueslice", username="max")
        retry = list_of("queueslice") + f"retry/?organization__id__exact={queue.pk}&"

        assert retry.replace("&", "&amp;") + "code=imei_length" in staff.get(QUEUE).text
        assert "Retry 1 item with imei_length" in staff.get(f"{retry}code=imei_length").text
        assert "Retry these" not in viewer.get(QUEUE).text

    def test_opens_for_a_queue_that_nobody_has_used(self, staff):
        text = text_of(staff.get(QUEUE))

        assert "nothing is due" in text
        assert "No item has failed." in text
        assert "No item has ended in the last 30 minutes." in text

    def test_is_live_and_pauses_on_a_hidden_tab(self, queue, staff):
        page = staff.get(QUEUE)
        live = staff.get(at("live", queue))

        assert "every 2s [!document.hidden]" in page.text
        assert at("live", queue) in page.text
        assert 'id="job-live"' in live.text
        assert "<html" not in live.text

    def test_warns_of_a_backlog_and_of_paused_drains(self, settings, queue, staff):
        settings.QUEUE_WARN_PENDING = 2
        pause_job_type(QueueDrain.job_label(), actor=UserFactory())

        page = staff.get(QUEUE)

        assert BACKLOG in page.text
        assert "Drains are paused for all organizations." in page.text

    def test_costs_no_more_for_more_items(self, queue, staff, django_assert_max_num_queries):
        with django_assert_max_num_queries(26):
            staff.get(at("live", queue))


class TestSwitch:
    def test_stops_and_tells_who_and_when_and_why(self, queue, staff):
        assert "Stop the queue of Harbor Phones: are you sure?" in staff.get(at("stop", queue)).text
        assert not QueueControl.objects.exists()

        answer = staff.post(at("stop", queue), FORM)

        assert words_of(answer) == ["Queue processing stopped."]
        assert QueueControl.objects.get().desired_state == "stopped"
        page = staff.get(QUEUE)
        who = f"ada-{queue.pk}"
        assert f"{who} Queue processing stopped. Reason: Stock-taking" in text_of(page)
        assert f"by {who}" in text_of(page)
        assert at("start", queue) in page.text
        assert at("stop", queue) not in page.text

    def test_starts_and_opens_a_drain(self, organization, staff):
        stop_queue(organization_id=organization.pk, actor=None)
        add(organization, *phones(1, 3))
        assert not QueueDrain.objects.exists()

        staff.post(at("start", organization), FORM)

        assert QueueControl.objects.get().desired_state == "running"
        assert QueueDrain.objects.exists()

    @pytest.mark.parametrize("verb", ["start", "stop"])
    def test_needs_its_permission(self, queue, verb):
        viewer = staff_client(queue, *(set(RIGHTS) - {"control_queue"}), username="max")

        assert viewer.post(at(verb, queue), FORM).status_code == 403
        assert at("stop", queue) not in viewer.get(QUEUE).text
        assert not QueueControl.objects.exists()

    @pytest.mark.parametrize("page", ["start", "stop", "live"])
    def test_of_another_organization_is_not_found(self, queue, other, page):
        stranger = staff_client(other, *RIGHTS)

        assert stranger.post(at(page, queue), FORM).status_code == 404
        assert stranger.get(f"{QUEUE}{page}/?organization__id__exact=zzz").status_code == 404
        assert not QueueControl.objects.exists()


class TestOrganizations:
    def test_are_chosen_by_people_who_see_all(self, client, queue, other):
        stop_queue(organization_id=other.pk, actor=None)
        client.force_login(UserFactory(superuser=True))

        page = client.get(QUEUE)
        chosen = client.get(list_of("queuecontrol", **of(other)))

        text = text_of(page)
        assert "Harbor Phones running 3 0 1 1" in text
        assert "Quay Phones stopped 3 0 0 0" in text
        assert "Quay Phones stopped" in text_of(chosen)
        client.post(at("start", other), FORM)
        assert QueueControl.objects.get().organization == other

    def test_are_not_asked_for_where_only_one_has_a_queue(self, client, queue):
        client.force_login(UserFactory(superuser=True))

        assert client.get(QUEUE).url == list_of("queuecontrol", **of(queue))

    def test_may_have_no_queue_at_all(self, client):
        client.force_login(UserFactory(superuser=True))

        assert "No organization has added a phone yet." in client.get(QUEUE).text

    def test_of_others_are_not_shown(self, staff, queue, other):
        page = staff.get(list_of("queuecontrol", **of(other)))

        assert "Quay Phones" not in page.text
        assert "Harbor Phones" in page.text
