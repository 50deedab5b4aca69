import pytest

from qrtracking.rules.spoil_lines import read_spoil_lines


class TestReadSpoilLines:
    def test_reads_a_unit_a_line(self):
        assert read_spoil_lines("15\n\n PROD-1 \r\n16-20") == (
            ["15", " PROD-1 ", "16-20"],
            ["", "", ""],
        )

    @pytest.mark.parametrize(
        "line",
        ["15 -> 1001", "15->1001", "15 => 1001", "15 \u2192 1001", "15 \u2013> 1001", "15>1001"],
    )
    def test_reads_the_spare_behind_an_arrow(self, line):
        (spoiled,), (spare,) = read_spoil_lines(line)

        assert (spoiled.strip(), spare.strip()) == ("15", "1001")

    def test_leaves_addresses_alone(self):
        text = "https://any.host/track/product/PROD-1?a=b -> PROD-2"

        assert read_spoil_lines(text) == (
            ["https://any.host/track/product/PROD-1?a=b "],
            [" PROD-2"],
        )

    def test_keeps_the_positions_of_spares(self):
        assert read_spoil_lines("15\n16 -> 1001") == (["15", "16 "], ["", " 1001"])

    @pytest.mark.parametrize("text", ["", " \n\t\n", "-> 1001"])
    def test_reads_nothing_where_no_unit_is_named(self, text):
        assert read_spoil_lines(text) == ([], [])
