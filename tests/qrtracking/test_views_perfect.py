"""Perfect case, as a browser without JavaScript uses it."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from qrtracking.models import MasterCode, ScanItem, UnitCode
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import log_in, words
from tests.qrtracking.test_views_pack import case, packed, scan, unit

pytestmark = pytest.mark.django_db

ORDER = "ORD-HM-1125-02"


@pytest.fixture
def batch(organization):
    return make_generated_batch(units=30, per_case=10, order_no=ORDER, organization=organization)


def mark(client, batch, codes, *, key=None):
    target = reverse("scan:perfect-mark", args=[batch.pk])
    return client.post(target, {"codes": codes, "key": key or str(uuid.uuid4())}, follow=True)


def fill(client, batch, number):
    return client.post(reverse("scan:perfect-rest", args=[batch.pk, number]), follow=True)


class TestPerfect:
    @pytest.mark.parametrize("spelled", ["label", "2", "CASE:2"])
    def test_packs_all_planned_units(self, operator, batch, spelled):
        text = case(batch, 2).master_code if spelled == "label" else spelled

        response = mark(operator, batch, text)

        expected = "Case #2 marked perfect! All 10 codes linked automatically."
        assert expected in words(response)
        assert packed(batch, 2) == list(range(11, 21))

    @pytest.mark.parametrize("spelled", ["UNDO", " undo "])
    def test_obeys_a_printed_undo(self, operator, batch, spelled):
        mark(operator, batch, "2")

        response = mark(operator, batch, spelled)

        assert "Undone: 10 units taken out of Case #2." in words(response)
        assert packed(batch, 2) == []

    def test_knows_a_printed_close_case_as_one_label(self, operator, batch):
        assert "No case is open." in words(mark(operator, batch, "CLOSE  CASE"))

    def test_is_calm_about_a_second_scan(self, operator, batch):
        mark(operator, batch, "2")

        response = mark(operator, batch, "2")

        assert "Case already marked perfect" in words(response)
        assert 'class="band duplicate"' in response.text

    def test_says_a_line_for_each_pasted_case(self, operator, batch):
        mark(operator, batch, "1")

        text = words(mark(operator, batch, "1\n2, 3\nzzz"))

        assert "2 packed, 1 already complete, 1 refused" in text
        assert "Case #1: Case already marked perfect" in text
        assert "Case #2: Case #2 marked perfect!" in text
        assert "zzz: " in text

    def test_names_the_other_order(self, operator, organization, batch):
        other = make_generated_batch(
            units=10, per_case=10, order_no="ORD-2", organization=organization
        )

        text = words(mark(operator, batch, case(other, 1).master_code))

        assert "ORD-2" in text
        assert packed(other, 1) == []

    def test_explains_a_unit_label(self, operator, batch):
        response = mark(operator, batch, unit(batch, 1).code)

        assert "This is a unit label. Scan the case label." in words(response)

    def test_says_which_units_are_missing(self, operator, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=15).update(status="spoiled")

        assert "Case #2" in words(mark(operator, batch, "2"))
        assert packed(batch, 2) == []

    @pytest.mark.parametrize("codes", ["", " ", ",", "1\x002", ",".join(map(str, range(1, 102)))])
    def test_changes_nothing_for_what_it_cannot_take(self, operator, batch, codes):
        assert "Nothing was changed." in words(mark(operator, batch, codes))
        assert not ScanItem.objects.exists()

    def test_does_not_fail_for_the_key_of_somebody_else(self, operator, organization, batch):
        key = str(uuid.uuid4())
        mark(log_in(Role.OPERATOR, organization), batch, "2", key=key)

        response = mark(operator, batch, "2", key=key)

        assert response.status_code == 200
        assert 'class="band wrong"' in response.text

    def test_shows_viewers_no_form(self, organization, batch):
        viewer = log_in(Role.VIEWER, organization)
        response = viewer.get(reverse("scan:perfect", args=[batch.pk]))

        assert "<form" not in response.text.split("<main")[1]


class TestRest:
    def test_fills_a_case_that_was_scanned_in_part(self, operator, batch):
        scan(operator, batch, "11", "12", case(batch, 2).master_code)
        refused = mark(operator, batch, "2")

        filled = fill(operator, batch, 2)

        assert "This case has already been processed by workers" in words(refused)
        assert "Case #2 2 of 10 Pack the rest of it" in words(refused)
        assert "Case #2 marked perfect! All 10 codes linked automatically." in words(filled)
        assert MasterCode.objects.get(batch=batch, case_number=2).status == "packed"

    def test_answers_for_a_case_that_is_not_there(self, operator, batch):
        assert "Master code not found" in words(fill(operator, batch, 99))
