import logging
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord, Organization, Role
from tests.accounts.factories import UserFactory, bearer, make_member, make_token
from tests.accounts.sample_api import CreateOrganization

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

both = pytest.mark.parametrize("path", ["/organizations", "/steps"])


@pytest.fixture
def user():
    return make_member()


@pytest.fixture
def send(user):
    headers = bearer(user)

    def send(path="/organizations", key="key-1", method="post", **body):
        given = headers | ({} if key is None else {"Idempotency-Key": key})
        return getattr(APIClient(), method)(path, body, format="json", headers=given)

    return send


def count_made():
    return Organization.objects.filter(name="New").count()


@both
class TestIdempotentCreateMixin:
    def test_answers_the_first_request_as_without_a_key(self, send, path):
        response = send(path, slug="a")

        assert response.status_code == 201
        assert "Idempotent-Replayed" not in response

    def test_repeats_the_answer_byte_by_byte_with_a_mark(self, send, path):
        first = send(path, slug="a")

        again = send(path, slug="a")

        assert again.status_code == 201
        assert again.content == first.content
        assert again["Content-Type"] == "application/json"
        assert again["Location"] == "/made/a"
        assert again["Idempotent-Replayed"] == "true"
        assert count_made() == 1

    def test_refuses_another_body(self, send, path):
        send(path, slug="a")

        response = send(path, slug="b")

        assert response.status_code == 422
        assert response.json() == {
            "error": "This Idempotency-Key was used for another request.",
            "code": "idempotency_key_reused",
        }
        assert count_made() == 1

    def test_refuses_another_query(self, send, path):
        send(path, slug="a")

        assert send(f"{path}?dry=1", slug="a").status_code == 422

    def test_runs_every_time_without_a_key(self, send, path):
        send(path, key=None, slug="a")

        response = send(path, key=None, slug="a")

        assert response.status_code == 409
        assert not IdempotencyRecord.objects.exists()

    def test_keeps_a_refusal(self, send, path):
        first = send(path, slug="a", behaviour="refuse")

        again = send(path, slug="a", behaviour="refuse")

        assert first.status_code == again.status_code == 400
        assert again.json() == first.json() == {"error": "Refused on purpose", "code": "invalid"}
        assert again["Idempotent-Replayed"] == "true"

    def test_does_not_keep_a_conflict(self, send, path):
        send(path, slug="a", behaviour="conflict")

        assert "Idempotent-Replayed" not in send(path, slug="b", behaviour="conflict")

    def test_does_not_keep_a_crash(self, send, path, caplog):
        caplog.set_level(logging.CRITICAL, "accounts")
        assert send(path, slug="a", behaviour="crash").status_code == 500

        assert not IdempotencyRecord.objects.exists()

    def test_does_not_keep_a_file(self, send, path):
        response = send(path, slug="a", behaviour="file")

        assert response.content == b"\x89PNG"
        assert not IdempotencyRecord.objects.exists()

    def test_reads_without_looking_at_the_key(self, send, path):
        assert send(path, method="get").status_code == 200
        assert not IdempotencyRecord.objects.exists()

    def test_works_for_other_writing_methods(self, send, path):
        send(path, method="delete")

        again = send(path, method="delete")

        assert again.status_code == 204
        assert again.content == b""
        assert again["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize("key", ["", "x" * 201])
    def test_refuses_a_bad_key(self, send, path, key):
        response = send(path, key=key, slug="a")

        assert response.status_code == 400
        assert response.json()["code"] == "idempotency_key_invalid"

    def test_checks_the_role_first(self, path):
        viewer = make_member(Role.VIEWER)

        response = APIClient().post(
            path, {"slug": "a"}, headers=bearer(viewer) | {"Idempotency-Key": "k"}
        )

        assert response.status_code == 403
        assert not IdempotencyRecord.objects.exists()

    def test_tells_that_a_method_does_not_exist(self, send, path):
        assert send(path, method="put").status_code == 405

    def test_tells_of_a_broken_body(self, user, path):
        response = APIClient().post(
            path,
            "{",
            content_type="application/json",
            headers=bearer(user) | {"Idempotency-Key": "k"},
        )

        assert response.status_code == 400
        assert response.json()["code"] == "invalid_json"


class TestEffects:
    def test_are_undone_with_the_error_that_is_kept(self, send):
        send("/organizations", slug="a", behaviour="refuse")

        assert count_made() == 0
        assert IdempotencyRecord.objects.get().status == 400

    def test_are_undone_with_a_crash(self, send, caplog):
        caplog.set_level(logging.CRITICAL, "accounts")
        send("/organizations", slug="a", behaviour="crash")

        assert count_made() == 0

    def test_stay_where_the_view_commits_by_itself(self, send):
        send("/steps", slug="a", behaviour="refuse")

        assert count_made() == 1


class TestKeys:
    def test_are_apart_by_path(self, send):
        send("/organizations", slug="a")

        assert "Idempotent-Replayed" not in send("/other-organizations", slug="b")

    def test_are_apart_by_user(self, send, user):
        colleague = make_member(organization=user.organization)
        send(slug="a")

        response = APIClient().post(
            "/organizations",
            {"slug": "b"},
            headers=bearer(colleague) | {"Idempotency-Key": "key-1"},
        )

        assert response.status_code == 201

    def test_mean_the_same_body_in_another_order_and_spacing(self, user):
        headers = bearer(user) | {"Idempotency-Key": "k"}
        client = APIClient()
        client.post(
            "/organizations",
            '{"slug": "a", "note": 1}',
            content_type="application/json",
            headers=headers,
        )

        again = client.post(
            "/organizations",
            '{"note":1,"slug":"a"}',
            content_type="application/json",
            headers=headers,
        )

        assert again["Idempotent-Replayed"] == "true"

    def test_mean_nothing_without_a_person(self):
        response = APIClient().post("/open", {}, headers={"Idempotency-Key": "k"})

        assert response.status_code == 200
        assert not IdempotencyRecord.objects.exists()

    def test_mean_nothing_without_an_organization(self):
        client = APIClient()
        client.force_authenticate(UserFactory())

        assert client.post("/open", {}, headers={"Idempotency-Key": "k"}).status_code == 200
        assert not IdempotencyRecord.objects.exists()


class TestUploads:
    def upload(self, user, content, name="plan.csv"):
        return APIClient().post(
            "/upload",
            {"file": SimpleUploadedFile(name, content), "note": "x"},
            format="multipart",
            headers=bearer(user) | {"Idempotency-Key": "k"},
        )

    def test_are_the_same_with_the_same_content(self, user):
        self.upload(user, b"abc")

        again = self.upload(user, b"abc")

        assert again.json() == {"length": 3}
        assert again["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize("changed", [{"content": b"abd"}, {"content": b"abc", "name": "b.csv"}])
    def test_differ_by_content_and_name(self, user, changed):
        self.upload(user, b"abc")

        assert self.upload(user, **changed).status_code == 422


@pytest.mark.django_db(transaction=True)
@both
class TestTogether:
    def test_the_second_gets_409_while_the_first_runs_and_its_answer_afterwards(self, path):
        user = make_member()
        _, secret = make_token(user)
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
        body = {"slug": "a", "behaviour": "wait"}
        CreateOrganization.entered.clear()
        CreateOrganization.leave.clear()
        answers = []

        def first():
            answers.append(APIClient().post(path, body, headers=headers))
            connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        assert CreateOrganization.entered.wait(10)
        second = APIClient().post(path, body, headers=headers)
        CreateOrganization.leave.set()
        thread.join()
        third = APIClient().post(path, body, headers=headers)

        assert answers[0].status_code == 201
        assert second.status_code == 409
        assert second.json()["code"] == "idempotency_request_running"
        assert third["Idempotent-Replayed"] == "true"
        assert count_made() == 1
