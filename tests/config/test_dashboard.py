from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from config import dashboard
from jobs.models import WorkerHost
from tests.accounts.factories import UserFactory, grant, make_member
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


@pytest.fixture
def viewer():
    return grant(UserFactory(staff=True), "view_samplejob", "view_outboxmessage")


def row(answer, name):
    return next(load for load in answer.context["loads"] if load["name"] == name)


def ended(status, *, hours=0.5, seconds=10, **fields):
    end = timezone.now() - timedelta(hours=hours)
    return SampleJobFactory(
        status=status, started_at=end - timedelta(seconds=seconds), completed_at=end, **fields
    )


class TestWhoSeesIt:
    def test_sends_the_anonymous_to_the_login(self, client):
        assert client.get(INDEX).url.startswith("/admin/login/")

    def test_says_what_to_do_to_staff_who_may_see_nothing(self, client):
        client.force_login(UserFactory(staff=True))

        answer = client.get(INDEX)

        assert answer.context["loads"] == []
        assert "Ask an administrator" in answer.content.decode()
        assert "hosts" not in answer.context

    def test_shows_only_the_tables_that_the_person_may_view(self, client):
        client.force_login(grant(UserFactory(staff=True), "view_samplejob"))

        assert [load["name"] for load in client.get(INDEX).context["loads"]] == ["Sample jobs"]

    def test_counts_only_rows_that_the_person_may_see(self, client):
        member = grant(make_member(is_staff=True), "view_samplejob")
        client.force_login(member)
        SampleJobFactory(organization=member.organization)
        SampleJobFactory.create_batch(3)
        ended("completed")

        answer = client.get(INDEX)

        assert row(answer, "Sample jobs")["waiting"] == "1"
        assert answer.context["totals"]["done_today"] == "0"


class TestNumbers:
    def test_tells_depth_running_stuck_and_failed(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory.create_batch(2)
        SampleJobFactory(running=True)
        SampleJobFactory(stuck=True)
        SampleJobFactory(failed=True)

        load = row(client.get(INDEX), "Sample jobs")

        assert (load["waiting"], load["active"], load["stuck"], load["failed"]) == (
            "2",
            "2",
            "1",
            "1",
        )

    def test_tells_the_oldest_wait_across_priorities(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory(priority=1, run_after=Now() - timedelta(minutes=5))
        patient = SampleJobFactory(priority=10, run_after=Now() - timedelta(minutes=50))
        SampleJobFactory(priority=5, later=True)

        answer = client.get(INDEX)

        assert row(answer, "Sample jobs")["oldest_due"] == patient.run_after
        assert answer.context["totals"]["oldest_due"] == patient.run_after

    def test_tells_success_and_times_of_the_last_day(self, client, viewer):
        client.force_login(viewer)
        for seconds in (10, 20, 30):
            ended("completed", seconds=seconds)
        ended("failed", seconds=1_000)
        ended("cancelled")
        ended("failed", hours=30)

        answer = client.get(INDEX)

        load = row(answer, "Sample jobs")
        assert load["success_rate"] == "75.0 %"
        assert load["average"] == "20 s"
        assert load["p95"] == "29 s"
        assert answer.context["totals"]["done_today"] == "3"

    def test_adds_the_tables_up(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory()
        OutboxMessageFactory.create_batch(2)

        assert client.get(INDEX).context["totals"]["waiting"] == "3"

    def test_says_that_a_count_stops_at_its_limit(self, client, viewer, monkeypatch):
        monkeypatch.setattr("jobs.selectors.statistics.COUNT_LIMIT", 2)
        monkeypatch.setattr(dashboard, "COUNT_LIMIT", 2)
        client.force_login(viewer)
        SampleJobFactory.create_batch(4)

        assert client.get(INDEX).context["totals"]["waiting"] == "2+"

    def test_puts_each_end_into_its_hour(self, client, viewer):
        client.force_login(viewer)
        ended("completed", hours=0.5)
        ended("completed", hours=2.5)
        ended("failed", hours=2.5)
        ended("completed", hours=25)

        titles = [bar.title for bar in client.get(INDEX).context["chart"].bars]

        assert len(titles) == 24
        assert titles[-1].endswith("1 done, 0 failed")
        assert titles[-3].endswith("1 done, 1 failed")
        assert sum("0 done, 0 failed" in title for title in titles) == 22

    def test_is_empty_in_words_when_nothing_has_ended(self, client, viewer):
        client.force_login(viewer)

        shown = client.get(INDEX).content.decode()

        assert "No job has ended in the last 24 hours." in shown
        assert "<svg class" not in shown


class TestWorkers:
    def test_tells_the_living_from_the_silent(self, client, viewer):
        client.force_login(grant(viewer, "view_workerhost"))
        facts = {"host": "h", "queue": "default", "workers": 2}
        WorkerHost.objects.create(name="living", **facts)
        WorkerHost.objects.create(name="silent", seen_at=Now() - timedelta(minutes=5), **facts)

        hosts = client.get(INDEX).context["hosts"]

        assert [(host.name, host.alive) for host in hosts] == [("living", True), ("silent", False)]

    def test_says_what_to_do_without_any(self, client, viewer):
        client.force_login(grant(viewer, "view_workerhost"))

        assert "manage.py runworker" in client.get(INDEX).content.decode()


class TestCost:
    def test_reads_all_tables_in_two_statements(self, client, django_assert_max_num_queries):
        client.force_login(UserFactory(superuser=True))
        ended("completed")
        SampleJobFactory.create_batch(3)

        # Session, user, memberships, state of all tables, ends of all tables, workers, recent log,
        # queues.
        with django_assert_max_num_queries(9):
            client.get(INDEX)

    def test_lets_every_app_add_its_part(self, rf, monkeypatch):
        request = rf.get(INDEX)
        request.user = UserFactory(superuser=True)

        class App:
            def add_to_dashboard(self, request, context):
                context["part"] = "added"

        monkeypatch.setattr(dashboard.apps, "get_app_configs", lambda: [App(), object()])

        assert dashboard.add_dashboard(request, {})["part"] == "added"


class TestSeconds:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(None, "-"), (0.42, "0.4 s"), (12, "12 s"), (61, "1 m 1 s"), (3_700, "1 h 1 m")],
    )
    def test_read_well_at_every_size(self, seconds, text):
        assert dashboard._seconds(seconds) == text
