"""A page that names one of the person's scans in its address shows its answer."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from qrtracking.models import MasterCode
from qrtracking.services.scanning import ScanMode, scan
from qrtracking.services.undoing import undo_last
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import log_in, user_of, words
from tests.qrtracking.queue import prepare

pytestmark = pytest.mark.django_db

# Fixed: parallel workers must collect the same tests.
NO_SCAN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def batch(organization):
    return make_generated_batch(units=30, per_case=10, organization=organization)


def sent(client, batch, text, **options) -> str:
    """The uuid of a scan that the API took."""
    key = uuid.uuid4()
    scan(actor=user_of(client), batch_id=batch.pk, client_uuid=key, text=text, **options)
    return str(key)


def show(client, batch, key: str, *, page: str = "pack", **parameters: str):
    return client.get(reverse(f"scan:{page}", args=[batch.pk]), {"scan": key, **parameters})


class TestAnswerFor:
    def test_shows_what_was_taken(self, operator, batch):
        response = show(operator, batch, sent(operator, batch, "5"))

        assert 'class="band ok"' in response.text
        assert "Added #5, MINT. 1 of 10" in words(response)
        assert "<title>Added #5, MINT. 1 of 10" in response.text

    def test_shows_a_duplicate_and_what_is_wrong(self, operator, batch):
        sent(operator, batch, "5")

        again = show(operator, batch, sent(operator, batch, "5"))
        unknown = show(operator, batch, sent(operator, batch, "zzz"))

        assert 'class="band duplicate"' in again.text
        assert 'class="band wrong"' in unknown.text
        assert "Nothing was changed." in words(unknown)

    def test_names_the_units_that_a_case_took_from_the_queue(self, operator, batch):
        prepare(batch, exclude=[3])
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)

        response = show(operator, batch, key, page="rest")

        text = words(response)
        assert "Case #2: 10 units" in text
        assert "Pack #1-#2, #4-#11." in text
        assert "Case #2 is full. Scan the next case." in text

    def test_names_no_units_once_they_were_taken_out_again(self, operator, batch):
        prepare(batch)
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)
        undo_last(actor=user_of(operator), batch_id=batch.pk)

        assert "Pack #" not in words(show(operator, batch, key, page="rest"))

    def test_explains_a_full_case_as_a_form_does(self, operator, batch):
        sent(operator, batch, "CASE:2", mode=ScanMode.PERFECT)
        prepare(batch)
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)

        text = words(show(operator, batch, key, page="rest"))

        assert "Case #2 is already full" in text
        assert "this one holds 10 of 10 units" in text

    def test_explains_an_empty_queue(self, operator, batch):
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)

        text = words(show(operator, batch, key, page="rest"))

        assert "Wait for a running job, or submit a new one." in text

    def test_names_the_tick_that_leaves_no_units(self, operator, batch):
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)

        text = words(show(operator, batch, key, page="rest", same_case="on"))

        assert "No ready units are planned for Case #2" in text
        assert "take the tick from" in text

    def test_explains_a_locked_order(self, operator, batch):
        MasterCode.objects.filter(batch=batch, case_number=3).update(status="received_warehouse")
        key = sent(operator, batch, "1")

        response = show(operator, batch, key)

        assert 'class="band wrong"' in response.text
        assert "Ask the warehouse." in words(response)

    def test_shows_nobody_the_scans_of_others(self, operator, organization, batch):
        key = sent(operator, batch, "5")
        colleague = log_in(Role.OPERATOR, organization)

        assert 'id="answer"' not in show(colleague, batch, key).text

    @pytest.mark.parametrize("key", ["", "x", "1' OR 1=1", NO_SCAN])
    def test_shows_nothing_for_what_is_no_scan(self, operator, batch, key):
        response = show(operator, batch, key)

        assert response.status_code == 200
        assert 'id="answer"' not in response.text


class TestTick:
    def test_of_the_planned_units_is_kept_in_the_address(self, operator, batch):
        prepare(batch)
        key = sent(operator, batch, "CASE:2", mode=ScanMode.REST)

        ticked = show(operator, batch, key, page="rest", same_case="on")
        plain = show(operator, batch, key, page="rest")

        assert 'aria-describedby="same-case-hint" checked' in ticked.text
        assert 'aria-describedby="same-case-hint" checked' not in plain.text
