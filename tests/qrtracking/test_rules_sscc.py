import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.sscc import is_sscc, last_serial, make_sscc

prefixes = st.text("0123456789", min_size=7, max_size=10)


class TestMakeSscc:
    def test_gives_the_example_of_gs1(self):
        sscc = make_sscc(extension_digit=1, company_prefix="0614141", serial=234567890)

        assert sscc == "106141412345678908"

    @given(st.integers(0, 9), prefixes, st.data())
    def test_has_18_digits_and_keeps_its_parts(self, extension, prefix, data):
        serial = data.draw(st.integers(0, last_serial(prefix)))

        sscc = make_sscc(extension_digit=extension, company_prefix=prefix, serial=serial)

        assert is_sscc(sscc)
        assert sscc.startswith(f"{extension}{prefix}")
        assert int(sscc[1 + len(prefix) : -1]) == serial

    @pytest.mark.parametrize(
        ("prefix", "last"), [("0614141", 999_999_999), ("0614141123", 999_999)]
    )
    def test_has_fewer_serials_under_longer_prefixes(self, prefix, last):
        assert last_serial(prefix) == last
        assert is_sscc(make_sscc(extension_digit=0, company_prefix=prefix, serial=last))

    @pytest.mark.parametrize("serial", [-1, 1_000_000])
    def test_refuses_a_serial_that_has_no_room(self, serial):
        with pytest.raises(ValueError, match="No serial number"):
            make_sscc(extension_digit=0, company_prefix="0614141123", serial=serial)


class TestIsSscc:
    @pytest.mark.parametrize(
        "text", ["", "106141412345678907", "10614141234567890", "1061414123456789080", "x" * 18]
    )
    def test_refuses_everything_else(self, text):
        assert not is_sscc(text)
