import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from accounts.errors import (
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyRequestRunning,
)
from accounts.idempotency import (
    RUNNING_AT_MOST,
    Answer,
    IdempotentRequest,
    answer_once,
    answer_once_committed,
)
from accounts.models import IdempotencyRecord, Organization
from tests.accounts.factories import MembershipFactory, OrganizationFactory, make_member

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CREATED = Answer(201, '{"id": 1}', "/made/1")

# Both ways give the same promises; only what a killed process leaves behind differs.
ways = pytest.mark.parametrize(
    "answer", [answer_once, partial(answer_once_committed, now=NOW)], ids=["atomic", "committed"]
)


def make_request(user=None, **changes):
    user = user or make_member()
    fields = {"path": "/orders", "key": "key-1", "digest": "digest-1"}
    return IdempotentRequest(organization=user.organization, user=user, **fields | changes)


def never():
    raise AssertionError("must not run again")


class TestIdempotentRequest:
    @pytest.mark.parametrize("key", ["", "x" * 201, "line\nbreak", "tab\t", "zero\x00"])
    def test_refuses_a_key_that_is_empty_long_or_not_printable(self, key):
        with pytest.raises(IdempotencyKeyInvalid):
            IdempotentRequest(organization=Organization(), user=None, path="/", key=key, digest="0")


@pytest.mark.django_db
@ways
class TestAnswerOnce:
    def test_returns_the_first_answer_as_it_is(self, answer):
        assert answer(request=make_request(), produce=lambda: CREATED) == CREATED

    def test_repeats_the_stored_answer_without_running_again(self, answer):
        request = make_request()
        answer(request=request, produce=lambda: CREATED)

        again = answer(request=request, produce=never)

        assert again == Answer(201, CREATED.body, CREATED.location, is_replayed=True)

    def test_refuses_another_body(self, answer):
        user = make_member()
        answer(request=make_request(user), produce=lambda: CREATED)

        with pytest.raises(IdempotencyKeyReused):
            answer(request=make_request(user, digest="digest-2"), produce=never)

    @pytest.mark.parametrize("changes", [{"path": "/cases"}, {"key": "key-2"}])
    def test_runs_for_another_path_or_key(self, answer, changes):
        user = make_member()
        answer(request=make_request(user), produce=lambda: CREATED)

        fresh = answer(request=make_request(user, **changes), produce=lambda: CREATED)

        assert not fresh.is_replayed

    def test_runs_for_a_colleague(self, answer):
        user = make_member()
        colleague = make_member(organization=user.organization)
        answer(request=make_request(user), produce=lambda: CREATED)

        assert not answer(request=make_request(colleague), produce=lambda: CREATED).is_replayed

    def test_runs_for_the_same_user_in_another_organization(self, answer):
        user = make_member()
        answer(request=make_request(user), produce=lambda: CREATED)
        user.membership = MembershipFactory(user=user)

        assert not answer(request=make_request(user), produce=lambda: CREATED).is_replayed

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 400, 403, 404, 413, 415, 422])
    def test_keeps_an_answer_that_tells_about_the_request(self, answer, status):
        request = make_request()
        answer(request=request, produce=lambda: Answer(status, "{}"))

        assert answer(request=request, produce=never).status == status

    @pytest.mark.parametrize("status", [401, 408, 409, 425, 429, 500, 502, 503, 504])
    def test_runs_again_after_an_answer_that_tells_about_the_moment(self, answer, status):
        request = make_request()
        answer(request=request, produce=lambda: Answer(status, "{}"))

        assert answer(request=request, produce=lambda: CREATED) == CREATED

    def test_keeps_no_answer_that_is_not_storable(self, answer):
        answer(request=make_request(), produce=lambda: Answer(200, "", is_storable=False))

        assert not IdempotencyRecord.objects.exists()

    def test_leaves_nothing_when_the_request_crashes(self, answer):
        def crash():
            OrganizationFactory(slug="half-done")
            raise ZeroDivisionError

        request = make_request()

        with pytest.raises(ZeroDivisionError):
            answer(request=request, produce=crash)

        assert answer(request=request, produce=lambda: CREATED) == CREATED


@pytest.mark.django_db(transaction=True)
@ways
class TestAnswerOnceTogether:
    def test_refuses_the_second_while_the_first_is_running(self, answer):
        request = make_request()
        entered, leave = threading.Event(), threading.Event()

        def slow():
            entered.set()
            assert leave.wait(10)
            return CREATED

        def first():
            try:
                answer(request=request, produce=slow)
            finally:
                connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        assert entered.wait(10)
        try:
            with pytest.raises(IdempotencyRequestRunning):
                answer(request=request, produce=never)
        finally:
            leave.set()
            thread.join()

        assert answer(request=request, produce=never).is_replayed

    def test_runs_once_when_twenty_arrive_together(self, answer):
        request = make_request()
        start, outcomes, runs = threading.Barrier(20), [], []

        def produce():
            runs.append(1)
            return CREATED

        def send():
            start.wait()
            try:
                outcomes.append(answer(request=request, produce=produce).status)
            except IdempotencyRequestRunning:
                outcomes.append(409)
            finally:
                connection.close()

        threads = [threading.Thread(target=send) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(runs) == 1
        assert len(outcomes) == 20
        assert set(outcomes) <= {201, 409}
        assert IdempotencyRecord.objects.count() == 1


@pytest.mark.django_db
class TestAnswerOnceCommitted:
    def leave_running(self, request, age):
        record = IdempotencyRecord.objects.create(
            organization=request.organization,
            user=request.user,
            path=request.path,
            key=request.key,
            request_digest=request.digest,
        )
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=NOW - age)

    def test_takes_over_from_a_process_that_was_killed_long_ago(self):
        request = make_request()
        self.leave_running(request, RUNNING_AT_MOST + timedelta(seconds=1))

        answer = answer_once_committed(request=request, produce=lambda: CREATED, now=NOW)

        assert answer == CREATED
        assert IdempotencyRecord.objects.get().status == 201

    def test_waits_for_one_that_may_still_live(self):
        request = make_request()
        self.leave_running(request, RUNNING_AT_MOST - timedelta(seconds=1))

        with pytest.raises(IdempotencyRequestRunning):
            answer_once_committed(request=request, produce=never, now=NOW)
