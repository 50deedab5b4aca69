from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from jobs.admin_base import bulk
from jobs.models import JobEvent, PausedJobType
from tests.accounts.factories import UserFactory, grant, make_member
from tests.jobs.factories import SampleJobFactory
from tests.jobs.sample.models import SAMPLE_STATES, SampleJob

pytestmark = pytest.mark.django_db

LIST = "/admin/sample/samplejob/"
STATUSES = list(SAMPLE_STATES)
# For each verb: the traits of jobs that it fits, and what the form needs.
VERBS = {
    "retry": ([{"failed": True}], {"reason": "Try again"}),
    "cancel": ([{}, {"running": True}], {"reason": "Not needed"}),
    "requeue": ([{"stuck": True}], {"reason": "The host burned"}),
    "prioritise": ([{}], {"priority": "2"}),
    "run": ([{"later": True}], {}),
}
FITTING = [(verb, traits, data) for verb, (fits, data) in VERBS.items() for traits in fits]
EVERY_KIND = {
    "queued": {},
    "running": {"running": True},
    "stuck": {"stuck": True},
    "completed": {"status": "completed"},
    "failed": {"failed": True},
    "cancelled": {"status": "cancelled"},
}
FITS = {
    "retry": {"failed"},
    "cancel": {"queued", "running", "stuck"},
    "requeue": {"stuck"},
    "prioritise": {"queued"},
    "run": {"queued"},
}


@pytest.fixture
def staff():
    return grant(
        UserFactory(staff=True),
        "view_samplejob",
        *(f"{verb}_samplejob" for verb in VERBS),
    )


@pytest.fixture
def viewer():
    return grant(UserFactory(staff=True), "view_samplejob")


def page(job, name="change"):
    return reverse(f"admin:sample_samplejob_{name}", args=[job.pk])


def pages_of(job):
    return [page(job, name) for name in ("change", "live", *VERBS)]


def snapshot(job):
    return SampleJob.objects.filter(pk=job.pk).values().get()


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def choose(client, verb, jobs, *, across=False, query="", **data):
    body = {
        "action": f"{verb}_selected",
        "_selected_action": [str(job.pk) for job in jobs],
        "select_across": "1" if across else "0",
        "index": "0",
        **data,
    }
    return client.post(f"{LIST}{query}", body)


class TestWhoMayOpen:
    def test_anonymous_people_are_sent_to_the_login(self, client):
        job = SampleJobFactory()

        for path in [LIST, *pages_of(job)]:
            answer = client.get(path)

            assert answer.status_code == 302
            assert answer.url.startswith("/admin/login/")

    def test_staff_without_permissions_are_refused(self, client):
        client.force_login(UserFactory(staff=True))
        job = SampleJobFactory()

        assert {client.get(path).status_code for path in [LIST, *pages_of(job)]} == {403}

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_viewers_see_the_job_and_no_verb(self, client, viewer, method):
        client.force_login(viewer)
        job = SampleJobFactory(failed=True)
        before = snapshot(job)

        shown = client.get(page(job)).content.decode()
        answers = {getattr(client, method)(page(job, verb)).status_code for verb in VERBS}

        assert "Retry" not in shown
        assert answers == {403}
        assert snapshot(job) == before

    def test_a_verb_needs_its_own_permission(self, client, viewer):
        client.force_login(grant(viewer, "cancel_samplejob"))
        job = SampleJobFactory()

        codes = {verb: client.get(page(job, verb)).status_code for verb in VERBS}

        assert codes == dict.fromkeys(VERBS, 403) | {"cancel": 200}

    def test_a_verb_needs_the_view_permission_too(self, client):
        client.force_login(grant(UserFactory(staff=True), "cancel_samplejob"))

        assert client.get(page(SampleJobFactory(), "cancel")).status_code == 403

    def test_staff_of_another_organization_find_nothing(self, client, staff):
        job = SampleJobFactory(failed=True)
        stranger = make_member("owner", is_staff=True)
        stranger.user_permissions.set(staff.user_permissions.all())
        client.force_login(stranger)
        before = snapshot(job)

        assert list(client.get(LIST).context["cl"].result_list) == []
        assert {client.get(path).status_code for path in pages_of(job)} == {404}
        assert {client.post(page(job, verb)).status_code for verb in VERBS} == {404}
        assert snapshot(job) == before

    @pytest.mark.parametrize("job_id", [uuid4(), "nonsense", "1"])
    def test_unknown_ids_are_not_found(self, client, staff, job_id):
        client.force_login(staff)

        assert client.get(f"{LIST}{job_id}/change/").status_code == 404
        assert client.get(f"{LIST}{job_id}/retry/", follow=True).status_code == 404

    def test_nobody_adds_changes_or_deletes_rows(self, client, admin_client):
        job = SampleJobFactory()
        before = snapshot(job)

        codes = {
            admin_client.get(f"{LIST}add/").status_code,
            admin_client.post(page(job), {"status": "completed"}).status_code,
            admin_client.post(page(job, "delete"), {"post": "yes"}).status_code,
        }

        assert codes == {403}
        assert snapshot(job) == before


class TestVerbPages:
    @pytest.mark.parametrize(("verb", "traits", "data"), FITTING)
    def test_asking_changes_nothing(self, client, staff, verb, traits, data):
        client.force_login(staff)
        job = SampleJobFactory(**traits)
        before = snapshot(job)

        answer = client.get(page(job, verb), data)

        assert answer.status_code == 200
        assert "are you sure?" in answer.content.decode()
        assert '<button type="submit"' in answer.content.decode()
        assert snapshot(job) == before

    @pytest.mark.parametrize(("verb", "traits", "data"), FITTING)
    def test_confirming_acts_and_says_so(self, client, staff, verb, traits, data):
        client.force_login(staff)
        job = SampleJobFactory(**traits)
        before = snapshot(job)

        answer = client.post(page(job, verb), data or {"sure": "yes"})

        assert answer.status_code == 302
        assert answer.url == page(job)
        assert snapshot(job) != before
        assert messages_of(answer)[0].startswith("The job was ")

    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize("kind", EVERY_KIND)
    def test_each_state_allows_what_fits_it(self, client, staff, verb, kind):
        client.force_login(staff)
        job = SampleJobFactory(**EVERY_KIND[kind])
        before = snapshot(job)

        asked = client.get(page(job, verb)).content.decode()
        shown = client.get(page(job)).content.decode()
        answer = client.post(page(job, verb), VERBS[verb][1] or {"sure": "yes"})

        fits = kind in FITS[verb]
        assert ("This cannot be done now" not in asked) is fits
        assert (f'href="{page(job, verb)}"' in shown) is fits
        assert messages_of(answer)[0].startswith("The job was " if fits else "Nothing was changed.")
        assert (snapshot(job) != before) is fits

    def test_a_reason_goes_into_the_log(self, client, staff):
        client.force_login(staff)
        job = SampleJobFactory(failed=True)

        client.post(page(job, "retry"), {"reason": "The file is there now"})

        (event,) = JobEvent.objects.filter(job_id=job.pk)
        assert event.message == f"Retried by {staff}: The file is there now"

    def test_a_reason_to_cancel_stands_beside_the_words_of_the_contract(self, client, staff):
        client.force_login(staff)
        job = SampleJobFactory()

        client.post(page(job, "cancel"), {"reason": "Wrong list"})

        events = JobEvent.objects.filter(job_id=job.pk).order_by("pk")
        assert [event.message for event in events] == [
            f"Cancelled by {staff}",
            "Reason: Wrong list",
        ]

    @pytest.mark.parametrize("priority", ["0", "11", "high", ""])
    def test_a_priority_out_of_range_is_asked_for_again(self, client, staff, priority):
        client.force_login(staff)
        job = SampleJobFactory()

        answer = client.post(page(job, "prioritise"), {"priority": priority})

        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
        job.refresh_from_db()
        assert job.priority == 5

    def test_the_present_priority_is_offered(self, client, staff):
        client.force_login(staff)
        job = SampleJobFactory(priority=8)

        assert 'value="8"' in client.get(page(job, "prioritise")).content.decode()


class TestBringForward:
    def test_makes_the_job_due_and_first(self, client, staff):
        client.force_login(staff)
        job = SampleJobFactory(later=True, priority=9)

        client.post(page(job, "run"), {"sure": "yes"})

        job.refresh_from_db()
        assert job.priority == 1
        assert job.run_after <= timezone.now()
        (event,) = JobEvent.objects.filter(job_id=job.pk)
        assert event.message == f"Brought forward by {staff}"


class TestBulk:
    @pytest.mark.parametrize(("verb", "traits", "data"), FITTING)
    def test_asks_first(self, client, staff, verb, traits, data):
        client.force_login(staff)
        job = SampleJobFactory(**traits)
        before = snapshot(job)

        answer = choose(client, verb, [job], **data)

        assert answer.status_code == 200
        assert "1 of 1 chosen sample jobs" in answer.content.decode()
        assert snapshot(job) == before

    @pytest.mark.parametrize(("verb", "traits", "data"), FITTING)
    def test_acts_on_the_chosen_only(self, client, staff, verb, traits, data):
        client.force_login(staff)
        job, untouched = SampleJobFactory(**traits), SampleJobFactory(**traits)
        before = snapshot(job), snapshot(untouched)

        answer = choose(client, verb, [job], confirmed="yes", **data)

        assert answer.status_code == 302
        assert messages_of(answer)[0].startswith("1 sample job ")
        assert snapshot(job) != before[0]
        assert snapshot(untouched) == before[1]

    @pytest.mark.parametrize("verb", VERBS)
    def test_needs_the_permission_of_the_verb(self, client, viewer, verb):
        client.force_login(viewer)
        job = SampleJobFactory(**VERBS[verb][0][0])
        before = snapshot(job)

        choose(client, verb, [job], confirmed="yes", **VERBS[verb][1])

        assert snapshot(job) == before

    def test_acts_on_everything_that_matches_the_filter(self, client, staff):
        client.force_login(staff)
        failed = SampleJobFactory.create_batch(3, failed=True)
        waiting = SampleJobFactory()

        asked = choose(client, "retry", failed[:1], across=True, query="?state=failed")
        answer = choose(
            client,
            "retry",
            failed[:1],
            across=True,
            query="?state=failed",
            confirmed="yes",
            reason="All of them",
        )

        assert "3 of 3 chosen" in asked.content.decode()
        assert messages_of(answer) == ["3 sample jobs sent to work again."]
        assert set(SampleJob.objects.values_list("status", flat=True)) == {"queued"}
        assert not JobEvent.objects.filter(job_id=waiting.pk).exists()

    def test_repeats_no_more_than_one_id_for_a_whole_filter(self, client, staff):
        client.force_login(staff)
        failed = SampleJobFactory.create_batch(3, failed=True)

        answer = choose(client, "retry", failed, across=True, query="?state=failed")

        assert answer.content.decode().count('name="_selected_action"') == 1

    def test_tells_whom_it_leaves_alone(self, client, staff):
        client.force_login(staff)
        jobs = [SampleJobFactory(failed=True), SampleJobFactory()]

        asked = choose(client, "retry", jobs).content.decode()

        assert "1 of 2 chosen sample jobs" in asked
        assert "only a failed job can be retried" in asked

    def test_says_when_nothing_fits(self, client, staff):
        client.force_login(staff)
        jobs = [SampleJobFactory()]

        asked = choose(client, "retry", jobs).content.decode()
        answer = choose(client, "retry", jobs, confirmed="yes")

        assert "None of the 1 chosen sample jobs fits" in asked
        assert messages_of(answer) == ["Nothing was changed: only a failed job can be retried."]

    def test_does_so_many_at_a_time_and_says_that_there_are_more(self, client, staff, monkeypatch):
        monkeypatch.setattr(bulk, "BULK_LIMIT", 2)
        client.force_login(staff)
        jobs = SampleJobFactory.create_batch(3, failed=True)

        asked = choose(client, "retry", jobs).content.decode()
        answer = choose(client, "retry", jobs, confirmed="yes")

        assert "2 oldest" in asked
        assert "There are more" in messages_of(answer)[-1]
        statuses = SampleJob.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == ["queued", "queued", "failed"]

    def test_reports_jobs_that_a_worker_was_faster_with(self, client, staff, monkeypatch):
        client.force_login(staff)
        jobs = [SampleJobFactory(running=True, cancel_requested_at=Now()), SampleJobFactory()]
        # Between the reading of the candidates and the act the job is retried elsewhere.
        monkeypatch.setattr(
            "jobs.services.set_priority", _refuse_first(jobs[0].pk, "jobs.services.set_priority")
        )
        SampleJob.objects.filter(pk=jobs[0].pk).update(status="queued")

        answer = choose(client, "prioritise", jobs, confirmed="yes", priority="1")

        assert messages_of(answer) == [
            "1 sample job moved to another place in the queue.",
            "1 left as they are: The priority can be changed only while the job is waiting.",
        ]

    def test_asks_again_for_a_wrong_value(self, client, staff):
        client.force_login(staff)
        job = SampleJobFactory()

        answer = choose(client, "prioritise", [job], confirmed="yes", priority="99")

        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()

    def test_cannot_reach_foreign_jobs(self, client):
        stranger = grant(make_member(is_staff=True), "view_samplejob", "retry_samplejob")
        client.force_login(stranger)
        job = SampleJobFactory(failed=True)
        before = snapshot(job)

        choose(client, "retry", [job], confirmed="yes")
        choose(client, "retry", [job], across=True, confirmed="yes")

        assert snapshot(job) == before


def _refuse_first(pk, path):
    from django.utils.module_loading import import_string

    from jobs.errors import JobNotWaiting

    original = import_string(path)

    def act(job, **options):
        if job.pk == pk:
            raise JobNotWaiting
        return original(job, **options)

    return act


class TestChangeList:
    def test_shows_badge_progress_attempts_times_and_organization(self, client, viewer):
        client.force_login(viewer)
        now = timezone.now()
        job = SampleJobFactory(
            running=True,
            progress=42,
            attempts=1,
            created_at=now - timedelta(minutes=3),
            started_at=now - timedelta(minutes=2),
        )

        shown = client.get(LIST).content.decode()

        assert str(job.pk)[-12:] in shown
        assert '<span class="job-badge job-badge-info">running</span>' in shown
        assert 'max="100" value="42"' in shown
        assert "1 / 3" in shown
        assert "1 m 0 s" in shown
        assert str(job.organization) in shown

    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            ("trouble", {"stuck", "failed"}),
            ("stuck", {"stuck"}),
            ("active", {"running", "stuck"}),
            ("waiting", {"queued"}),
            ("done", {"completed"}),
            ("failed", {"failed"}),
            ("cancelled", {"cancelled"}),
            ("invented", set()),
        ],
    )
    def test_filters_by_state(self, client, viewer, state, expected):
        client.force_login(viewer)
        jobs = {kind: SampleJobFactory(**traits) for kind, traits in EVERY_KIND.items()}

        found = set(client.get(LIST, {"state": state}).context["cl"].result_list)

        assert {kind for kind, job in jobs.items() if job in found} == expected

    def test_filters_by_kind(self, client, viewer):
        client.force_login(viewer)
        slow = SampleJobFactory(kind="slow")
        SampleJobFactory(kind="count")

        assert list(client.get(LIST, {"type": "slow"}).context["cl"].result_list) == [slow]

    def test_filters_by_age(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory(created_at=timezone.now() - timedelta(days=2))
        recent = SampleJobFactory()

        assert list(client.get(LIST, {"created": "24h"}).context["cl"].result_list) == [recent]

    def test_filters_by_organization(self, client, viewer):
        client.force_login(grant(viewer, "view_organization"))
        job = SampleJobFactory()
        SampleJobFactory()

        query = {"organization__id__exact": str(job.organization_id)}

        assert list(client.get(LIST, query).context["cl"].result_list) == [job]

    def test_finds_a_job_by_its_id_only(self, client, viewer):
        client.force_login(viewer)
        job, other = SampleJobFactory(), SampleJobFactory()

        found = client.get(LIST, {"q": f" {job.pk} "}).context["cl"].result_list
        nothing = client.get(LIST, {"q": "count"}).context["cl"].result_list

        assert list(found) == [job]
        assert list(nothing) == []
        assert other not in found

    def test_counts_what_needs_eyes(self, client, viewer):
        client.force_login(viewer)
        for traits in EVERY_KIND.values():
            SampleJobFactory(**traits)

        presets = {p["label"]: p for p in client.get(LIST).context["presets"]}

        assert presets["Failed"]["count"] == presets["Stuck"]["count"] == "1"
        assert presets["Failed"]["is_bad"]
        assert presets["Running"]["count"] == "2"
        assert not presets["Running"]["is_bad"]

    def test_names_each_cause_of_failure_once_and_what_is_stuck_before(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory.create_batch(2, failed=True, error_code="file_missing")
        SampleJobFactory(failed=True, error_code="")
        SampleJobFactory(stuck=True)

        page = client.get(LIST)

        rows = [(row["label"], row["count"], row["query"]) for row in page.context["attention"]]
        assert rows == [
            ("Stuck", "1", "?state=stuck"),
            ("file_missing", "2", "?state=failed&error_code=file_missing"),
            ("without a code", "1", "?state=failed"),
        ]
        assert "Needs attention" in page.content.decode()

    def test_leads_from_a_cause_to_its_jobs(self, client, viewer):
        client.force_login(viewer)
        wanted = SampleJobFactory(failed=True, error_code="file_missing")
        SampleJobFactory(failed=True, error_code="other")

        page = client.get(LIST, {"state": "failed", "error_code": "file_missing"})

        assert list(page.context["cl"].result_list) == [wanted]

    def test_shows_no_trouble_where_there_is_none(self, client, viewer):
        client.force_login(viewer)
        SampleJobFactory()

        assert "Needs attention" not in client.get(LIST).content.decode()

    def test_counts_no_foreign_failures(self, client):
        client.force_login(grant(make_member(is_staff=True), "view_samplejob"))
        SampleJobFactory(failed=True)

        assert client.get(LIST).context["attention"] == []

    def test_puts_stuck_jobs_before_failed_ones(self, client, viewer):
        client.force_login(viewer)
        stuck = SampleJobFactory(stuck=True)
        failed = SampleJobFactory(failed=True)

        found = client.get(LIST, {"state": "trouble"}).context["cl"].result_list

        assert list(found) == [stuck, failed]

    @pytest.mark.parametrize(
        ("query", "words"),
        [({}, "No sample jobs yet"), ({"state": "failed"}, "No sample jobs match")],
    )
    def test_says_why_it_is_empty(self, client, viewer, query, words):
        client.force_login(viewer)

        page = client.get(LIST, query).content.decode()

        assert words in page
        assert "No results found" not in page

    def test_takes_the_same_number_of_queries_for_one_job_and_for_many(
        self, client, viewer, django_assert_num_queries
    ):
        client.force_login(viewer)
        SampleJobFactory()
        # Session, user, memberships (three), permissions (two), presets, page.
        with django_assert_num_queries(8):
            client.get(LIST)

        SampleJobFactory.create_batch(20)

        with django_assert_num_queries(8):
            client.get(LIST)


class TestJobPage:
    def test_shows_counters_facts_error_and_advice(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory(
            failed=True, error_message="The sample was refused.", written=4, correlation_id="c-77"
        )

        shown = client.get(page(job)).content.decode()

        assert "The sample was refused." in shown
        assert "<code>sample_refused</code>" in shown
        assert "Correct the sample, then retry." in shown
        assert "<dt>Written</dt><dd>4</dd>" in shown
        assert "c-77" in shown

    def test_shows_the_log_newest_first_and_escaped(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory()
        for message in ("first", "<script>alert(1)</script>"):
            JobEvent.objects.create(
                organization=job.organization,
                job_label="sample.samplejob",
                job_id=job.pk,
                message=message,
                created_at=timezone.now(),
            )

        shown = client.get(page(job)).content.decode()

        assert shown.index("&lt;script&gt;alert(1)&lt;/script&gt;") < shown.index("first</span>")
        assert "<script>alert(1)" not in shown

    def test_shows_the_result(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory(status="completed", result_summary={"rows_written": 7})

        assert "<dt>Rows written</dt><dd>7</dd>" in client.get(page(job)).content.decode()

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (12_000, "12,000"),
            (None, "none"),
            ([], "none"),
            (["a", 7], "a, 7"),
            ([{"code": "x", "case_number": 3}], "code x case number 3"),
            (True, "yes"),
            (0, "0"),
            (0.5, "0.5"),
        ],
    )
    def test_writes_results_as_people_do(self, client, viewer, value, text):
        client.force_login(viewer)
        job = SampleJobFactory(status="completed", result_summary={"what": value})

        assert f"<dt>What</dt><dd>{text}</dd>" in client.get(page(job)).content.decode()

    def test_says_that_the_type_is_paused(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory()
        PausedJobType.objects.create(name=job.handler_name)

        assert "are paused" in client.get(page(job)).content.decode()

    @pytest.mark.parametrize("kind", EVERY_KIND)
    def test_polls_until_the_job_has_ended(self, client, viewer, kind):
        client.force_login(viewer)
        job = SampleJobFactory(**EVERY_KIND[kind])

        for path in (page(job), page(job, "live")):
            shown = client.get(path).content.decode()

            is_open = kind in {"queued", "running", "stuck"}
            assert (f'hx-get="{page(job, "live")}"' in shown) is is_open
            assert ("every 3s [!document.hidden]" in shown) is is_open

    def test_the_live_part_is_only_the_part(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory(running=True, progress=55)

        answer = client.get(page(job, "live"))

        assert answer.content.decode().startswith('<section id="job-live"')
        assert 'value="55"' in answer.content.decode()
        assert "no-cache" in answer["Cache-Control"]

    def test_has_no_script_in_the_page_that_the_policy_forbids(self, client, viewer):
        client.force_login(viewer)
        job = SampleJobFactory()

        answer = client.get(page(job))

        assert "'unsafe-inline'" not in _script_source(answer)
        assert "'unsafe-eval'" in _script_source(answer)
        assert " onclick=" not in answer.content.decode()

    @pytest.mark.parametrize("name", ["change", "live"])
    def test_stays_within_its_queries(self, client, viewer, django_assert_max_num_queries, name):
        client.force_login(viewer)
        job = SampleJobFactory(created_by=viewer)

        with django_assert_max_num_queries(12):
            client.get(page(job, name))


def _script_source(answer):
    policy = answer["Content-Security-Policy"].split(";")
    return next(part for part in policy if part.strip().startswith("script-src"))
