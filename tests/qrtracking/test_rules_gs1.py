import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.gs1 import check_digit, has_check_digit, is_gtin, sgtin_link, sscc_link

CODE = "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
GTIN = "09506000134352"
digits = st.text("0123456789", min_size=1, max_size=17)


class TestCheckDigit:
    # Well-known numbers: GTIN-8, GTIN-12, GTIN-13, GTIN-14 and SSCC.
    @pytest.mark.parametrize(
        ("number", "digit"),
        [
            ("7351353", 7),
            ("03600029145", 2),
            ("950600013435", 2),
            ("1061414100041", 5),
            ("10614141234567890", 8),
            ("0", 0),
        ],
    )
    def test_is_that_of_gs1(self, number, digit):
        assert check_digit(number) == digit

    @given(digits)
    def test_fills_the_weighted_sum_up_to_tens(self, number):
        whole = number + str(check_digit(number))
        weights = [3 if place % 2 else 1 for place in range(len(whole))]

        assert sum(int(d) * w for d, w in zip(reversed(whole), weights, strict=True)) % 10 == 0

    @given(digits, st.data())
    def test_finds_every_wrong_digit(self, number, data):
        whole = number + str(check_digit(number))
        place = data.draw(st.integers(0, len(whole) - 1))
        wrong = data.draw(
            st.sampled_from([digit for digit in "0123456789" if digit != whole[place]])
        )

        assert has_check_digit(whole)
        assert not has_check_digit(whole[:place] + wrong + whole[place + 1 :])


class TestIsGtin:
    @pytest.mark.parametrize("text", [GTIN, "9506000134352", "036000291452", "73513537"])
    def test_knows_all_lengths(self, text):
        assert is_gtin(text)

    @pytest.mark.parametrize("text", ["", "9506000134353", "950600013435", "GTIN", "٩٥٢٠٠٠٠٤"])
    def test_refuses_everything_else(self, text):
        assert not is_gtin(text)


class TestSgtinLink:
    def test_names_product_and_piece(self):
        assert sgtin_link(gtin="9506000134352", code=CODE) == (
            "https://id.gs1.org/01/09506000134352/21/00015-40040fa03087"
        )

    def test_has_a_serial_of_at_most_20_characters(self):
        code = CODE.replace("00015", "1000000")

        assert len(sgtin_link(gtin=GTIN, code=code).rpartition("/")[2]) == 20

    @pytest.mark.parametrize("gtin", [None, "", "9506000134353", "nonsense"])
    def test_is_none_without_a_right_gtin(self, gtin):
        assert sgtin_link(gtin=gtin, code=CODE) is None

    @pytest.mark.parametrize("code", ["PROD-TEA100-MINT-ORD-HM-1125-02-00015", "OLD-LABEL-7", ""])
    def test_is_none_for_codes_without_a_hash(self, code):
        assert sgtin_link(gtin=GTIN, code=code) is None


class TestSsccLink:
    def test_names_the_case(self):
        assert sscc_link("106141412345678908") == "https://id.gs1.org/00/106141412345678908"
