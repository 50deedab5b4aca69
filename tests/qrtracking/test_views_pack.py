"""Scan & pack, as a browser without JavaScript uses it."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from qrtracking.models import MasterCode, ScanItem, UnitCode
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import field_value, log_in, words

pytestmark = pytest.mark.django_db

ORDER = "ORD-HM-1125-02"


@pytest.fixture
def batch(organization):
    return make_generated_batch(units=30, per_case=10, order_no=ORDER, organization=organization)


def page(batch):
    return reverse("scan:pack", args=[batch.pk])


def unit(batch, number):
    return UnitCode.objects.get(batch=batch, sequence_number=number)


def case(batch, number):
    return MasterCode.objects.get(batch=batch, case_number=number)


def send(client, batch, verb, *, args=(), **fields):
    """Send a form of the page and follow the answer to the page that shows it."""
    target = reverse(f"scan:pack-{verb}", args=[batch.pk, *args])
    return client.post(target, {"key": str(uuid.uuid4())} | fields, follow=True)


def scan(client, batch, *texts, **fields):
    response = None
    for text in texts:
        response = send(client, batch, "scan", code=text, **fields)
    return response


def packed(batch, number):
    units = UnitCode.objects.filter(master_code=case(batch, number)).order_by("sequence_number")
    return list(units.values_list("sequence_number", flat=True))


class TestPackPage:
    def test_begins_with_an_empty_list(self, operator, batch):
        text = words(operator.get(page(batch)))

        assert "On your list: 0" in text
        assert "Nothing yet." in text

    def test_shows_viewers_no_form(self, organization, batch):
        response = log_in(Role.VIEWER, organization).get(page(batch))

        assert "<form" not in response.text.split("<main")[1]

    def test_keeps_the_list_over_a_reload(self, operator, batch):
        scan(operator, batch, "15", "16")

        assert "Your list #16 MINT Remove #15 MINT Remove" in words(operator.get(page(batch)))

    @pytest.mark.parametrize("number", ["99", "x", "1 OR 1=1", "²", "9" * 40])
    def test_ignores_a_damaged_address(self, operator, batch, number):
        response = operator.get(page(batch), {"open": number})

        assert "On your list: 0" in words(response)


class TestScanning:
    def test_takes_the_case_first_and_then_its_units(self, operator, batch):
        opened = scan(operator, batch, case(batch, 2).master_code)
        where = field_value(opened, "open", form=reverse("scan:pack-scan", args=[batch.pk]))

        listed = scan(operator, batch, unit(batch, 15).code, open=where)

        assert "Case #2 open, 0 of 10" in words(opened)
        assert "Added #15, MINT. 1 of 10" in words(listed)
        assert "Case #2 open, 1 of 10" in words(listed)

    def test_packs_a_case_as_soon_as_it_is_full(self, operator, batch):
        response = scan(operator, batch, *map(str, range(11, 21)), open="2")

        assert "Case #2: 10 units packed. It is full." in words(response)
        assert "On your list: 0" in words(response)
        assert packed(batch, 2) == list(range(11, 21))

    def test_takes_the_units_first_and_then_their_case(self, operator, batch):
        response = scan(operator, batch, "1", "2", case(batch, 1).master_code)

        assert "Case #1: 2 units packed. 8 to go." in words(response)
        assert packed(batch, 1) == [1, 2]

    def test_is_calm_about_a_second_scan(self, operator, batch):
        response = scan(operator, batch, "15", "15")

        assert "Already on your list: #15" in words(response)
        assert 'class="band duplicate"' in response.text

    def test_names_the_other_person(self, operator, organization, batch):
        scan(log_in(Role.OPERATOR, organization, first_name="Rosa", last_name="B"), batch, "15")

        assert "#15 is on the list of Rosa B" in words(scan(operator, batch, "15"))

    def test_names_the_other_order(self, operator, organization, batch):
        other = make_generated_batch(
            units=10, per_case=10, order_no="ORD-2", organization=organization
        )

        text = words(scan(operator, batch, unit(other, 1).code))

        assert f"This unit belongs to order ORD-2. You are packing {ORDER}." in text

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("zzz", "Unknown code: zzz. Scan again or type SEQ:<number>."),
            ("", "Nothing was scanned."),
            ("x" * 501, "This text is too long for a label."),
            ("<b>x</b>", "Unknown code:"),
            ("CLOSE CASE", "No case is open. Scan its label first."),
        ],
    )
    def test_explains_what_is_no_label(self, operator, batch, text, answer):
        response = scan(operator, batch, text)

        assert answer in words(response)
        assert 'class="band wrong"' in response.text
        assert "<b>x</b>" not in response.text

    def test_takes_units_of_other_cases_only_with_the_tick(self, operator, batch):
        refused = scan(operator, batch, "25", open="1")
        taken = scan(operator, batch, "25", open="1", other_cases="on")

        assert "#25 is planned for Case #3. Case #1 is open." in words(refused)
        assert "Added #25, MINT. 1 of 10" in words(taken)
        assert 'name="other_cases" type="checkbox" checked' in taken.text

    def test_takes_the_same_form_once(self, operator, batch):
        key = str(uuid.uuid4())
        for _ in range(2):
            response = scan(operator, batch, "15", key=key)

        assert "Added #15, MINT." in words(response)
        assert ScanItem.objects.count() == 1

    def test_says_that_a_page_without_a_key_is_too_old(self, operator, batch):
        assert "This page is too old. Scan again." in words(scan(operator, batch, "15", key=""))


class TestList:
    def test_removes_one_unit(self, operator, batch):
        scan(operator, batch, "15", "16")
        item = ScanItem.objects.get(unit=unit(batch, 15))

        first = send(operator, batch, "remove", args=[item.pk])
        second = send(operator, batch, "remove", args=[item.pk])

        assert "Taken off your list." in words(first)
        assert "It is no longer on your list." in words(second)
        assert "#16 MINT" in words(second)

    def test_clears_it(self, operator, batch):
        scan(operator, batch, "15", "16")

        assert "List cleared: 2 units." in words(send(operator, batch, "clear"))

    def test_undoes_the_last_scan_and_then_says_that_nothing_is_left(self, operator, batch):
        scan(operator, batch, "15")

        assert "Undone: #15 is off your list." in words(send(operator, batch, "undo"))
        assert "Nothing to undo" in words(send(operator, batch, "undo"))

    def test_undoes_a_packed_case(self, operator, batch):
        scan(operator, batch, *map(str, range(11, 21)), open="2")

        response = send(operator, batch, "undo")

        assert "Undone: 10 units taken out of Case #2." in words(response)
        assert packed(batch, 2) == []

    def test_closes_the_open_case(self, operator, batch):
        scan(operator, batch, "15", "16", open="2")

        response = scan(operator, batch, "CLOSE CASE", open="2")

        assert "Case #2: 2 units packed. 8 to go." in words(response)

    def test_leaves_the_lists_of_others_alone(self, operator, organization, batch):
        scan(log_in(Role.OPERATOR, organization), batch, "15")

        send(operator, batch, "remove", args=[ScanItem.objects.get().pk])

        assert ScanItem.objects.get().outcome == "listed"


class TestPaste:
    def test_counts_what_it_detects(self, operator, batch):
        codes = [unit(batch, number).code for number in range(1, 9)]

        response = send(operator, batch, "paste", codes="\n".join([*codes, codes[0], codes[1]]))

        assert "Detected 10 codes (8 unique)" in words(response)
        assert "8 taken, 0 refused." in words(response)
        assert "On your list: 8" in words(response)

    def test_tells_what_it_refused(self, operator, batch):
        response = send(operator, batch, "paste", codes="1-3, zzz")

        text = words(response)
        assert "Detected 4 codes (4 unique)" in text
        assert "3 taken, 1 refused." in text
        assert "Unknown code: zzz." in text

    def test_takes_no_unit_from_a_query_string(self, operator, batch):
        response = send(operator, batch, "paste", codes=f"{unit(batch, 9).code}?a=1,2")

        assert "Your list #9 MINT Remove" in words(response)

    def test_fills_the_open_case(self, operator, batch):
        response = send(operator, batch, "paste", codes="11-20", open="2")

        assert "Case #2: 10 units packed. It is full." in words(response)
        assert packed(batch, 2) == list(range(11, 21))

    @pytest.mark.parametrize(
        ("codes", "answer"),
        [
            ("", "Nothing was pasted."),
            ("1-100000", "too many at once. Paste up to 500."),
            ("1\x002", "characters that no label has"),
        ],
    )
    def test_changes_nothing_for_what_it_cannot_take(self, operator, batch, codes, answer):
        assert answer in words(send(operator, batch, "paste", codes=codes))
        assert not ScanItem.objects.exists()
