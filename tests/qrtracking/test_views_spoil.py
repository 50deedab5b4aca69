"""Spoiled units on a page of their batch and on that of their case."""

import uuid

import pytest
from django.urls import reverse

from qrtracking.models import MasterCode, ScanEvent, UnitCode
from qrtracking.views import spoil as view
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import words
from tests.qrtracking.queue import case_of, pack, sequences_in
from tests.qrtracking.test_views_history import undo

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def batch(organization):
    """Units 1 to 10 are packed into case 1; 31, 32 and 33 are spares."""
    batch = make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )
    pack(batch, 1, range(1, 11))
    MasterCode.objects.filter(batch=batch, case_number=1).update(
        actual_unit_count=10, status="packed"
    )
    return batch


def page(batch):
    return reverse("scan:spoiled", args=[batch.pk])


def mark(client, batch, units):
    return client.post(reverse("scan:spoil", args=[batch.pk]), {"units": units}, follow=True)


def mark_in_case(client, batch, number, units):
    address = reverse("scan:case-spoil", args=[case_of(batch, number).pk])
    return client.post(address, {"units": units}, follow=True)


def status_of(batch, sequence):
    return UnitCode.objects.get(batch=batch, sequence_number=sequence).status


class TestPage:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert client.get(page(batch))["Location"].startswith("/login")

    def test_is_404_for_others(self, elsewhere, batch):
        assert elsewhere.get(page(batch)).status_code == 404

    def test_offers_the_form_to_managers(self, manager, operator, viewer, batch):
        assert 'name="units"' in manager.get(page(batch)).text
        for client in (operator, viewer):
            response = client.get(page(batch))

            assert 'name="units"' not in response.text
            assert "A manager can mark units as spoiled." in words(response)

    def test_has_no_form_in_a_locked_order(self, manager, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="opened")

        assert 'name="units"' not in manager.get(page(batch)).text

    def test_lists_what_was_marked_last(self, manager, viewer, batch):
        assert "No unit was marked as spoiled." in words(viewer.get(page(batch)))
        mark(manager, batch, "1\n20")

        text = words(viewer.get(page(batch)))

        assert "#1 is spoiled, spare #31 replaces it in Case #1. mary" in text
        assert "#20 is spoiled, spare #32 replaces it. mary" in text

    def test_tells_what_was_undone(self, manager, batch):
        mark(manager, batch, "20")
        undo(manager, batch)

        assert "replaces it. mary · undone" in words(manager.get(page(batch)))


class TestMark:
    def test_replaces_each_by_the_next_spare(self, manager, batch):
        text = words(mark(manager, batch, "1, 2\n20"))

        assert "OK 3 spoiled, 3 replaced, 0 refused" in text
        assert "#2 is spoiled, spare #32 replaces it in Case #1." in text
        assert sequences_in(batch, 1) == [3, 4, 5, 6, 7, 8, 9, 10, 31, 32]
        assert status_of(batch, 20) == "spoiled"

    @pytest.mark.parametrize(
        "spelled", ["1", "SEQ:1", "code", "https://any.host/track/product/{}?x=1"]
    )
    def test_takes_any_form_of_entry(self, manager, batch, spelled):
        code = UnitCode.objects.get(batch=batch, sequence_number=1).code
        text = code if spelled == "code" else spelled.format(code)

        mark(manager, batch, text)

        assert status_of(batch, 1) == "spoiled"

    def test_takes_the_spare_that_is_named(self, manager, batch):
        text = words(mark(manager, batch, "1 -> 33"))

        assert "#1 is spoiled, spare #33 replaces it in Case #1." in text
        assert 33 in sequences_in(batch, 1)

    def test_tells_each_line_and_lets_a_bad_one_block_no_other(self, manager, batch):
        text = words(mark(manager, batch, f"1 -> 2\nzzz\n{MARKUP}\n3"))

        assert "Wrong 2 spoiled, 1 replaced" in text
        assert "#1 is spoiled. #2 is not a spare." in text
        assert "zzz: Unknown code: zzz." in text
        assert "#3 is spoiled, spare #31 replaces it in Case #1." in text
        assert "A case that lost a unit without a spare is short." in text

    def test_is_amber_when_no_spare_is_left(self, manager, batch):
        UnitCode.objects.filter(batch=batch, is_buffer=True).update(status="spoiled")

        response = mark(manager, batch, "1")

        assert 'class="band duplicate"' in response.text
        assert "#1 is spoiled. No free spare of this variant is left." in words(response)

    def test_escapes_what_was_written(self, manager, batch):
        assert MARKUP not in mark(manager, batch, MARKUP).text

    def test_shows_no_more_lines_than_a_session_can_keep(self, manager, batch, monkeypatch):
        monkeypatch.setattr(view, "LINES_SHOWN", 2)

        text = words(mark(manager, batch, "1\n2\n3"))

        assert "#2 is spoiled" in text.partition("Mark units")[0]
        assert "and 1 more, see the history" in text

    @pytest.mark.parametrize("text", ["", " \n", "-> 31", " , ;"])
    def test_says_that_no_unit_was_named(self, manager, batch, text):
        assert "No unit was named." in words(mark(manager, batch, text))
        assert not ScanEvent.objects.exists()

    def test_is_calm_when_it_is_sent_twice(self, manager, batch):
        mark(manager, batch, "1")

        assert "1: #1 is spoiled already." in words(mark(manager, batch, "1"))
        assert ScanEvent.objects.count() == 1

    def test_refuses_too_many(self, manager, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.services.spoiling.MAX_UNITS", 2)

        assert "Name fewer at once." in words(mark(manager, batch, "1\n2\n3"))
        assert status_of(batch, 1) == "packed"

    def test_refuses_a_nul(self, manager, batch):
        assert "characters that no label has" in words(mark(manager, batch, "1\x002"))
        assert status_of(batch, 1) == "packed"

    def test_refuses_a_locked_order(self, manager, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="opened")

        text = words(mark(manager, batch, "1"))

        assert "Warehouse intake has begun for this order." in text
        assert status_of(batch, 1) == "packed"

    @pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
    def test_refuses_a_batch_that_is_not_ready(self, manager, batch, status):
        batch.status = status
        batch.save()

        assert f"Batch is not ready for packing ({status})" in words(mark(manager, batch, "1"))
        assert status_of(batch, 1) == "packed"

    def test_is_for_managers(self, operator, viewer, batch):
        for client in (operator, viewer):
            assert mark(client, batch, "1").status_code == 403
            assert mark_in_case(client, batch, 1, "1").status_code == 403
        assert status_of(batch, 1) == "packed"

    def test_is_404_for_others(self, elsewhere, batch):
        assert mark(elsewhere, batch, "1").status_code == 404
        assert mark_in_case(elsewhere, batch, 1, "1").status_code == 404
        unknown = reverse("scan:case-spoil", args=[uuid.uuid4()])
        assert elsewhere.post(unknown, {"units": "1"}).status_code == 404
        assert status_of(batch, 1) == "packed"


class TestMarkOnTheCase:
    def test_leads_back_to_the_case(self, manager, batch):
        response = mark_in_case(manager, batch, 1, "1")

        address = reverse("scan:case", args=[case_of(batch, 1).pk])
        assert response.redirect_chain[0][0].startswith(address)
        assert "#1 is spoiled, spare #31 replaces it in Case #1." in words(response)
        assert "Spoiled #1 (replaced by spare #31)" in words(response)
