import pytest

from qrtracking.rules.links import case_link, unit_link
from qrtracking.rules.text import parse_entries


class TestLinks:
    def test_lead_to_the_page_of_a_unit_or_case(self):
        assert unit_link("https://x.example", "PROD-1") == "https://x.example/track/product/PROD-1"
        assert (
            case_link("https://x.example", "MASTER-1") == "https://x.example/track/master/MASTER-1"
        )

    @pytest.mark.parametrize("link", [unit_link, case_link])
    @pytest.mark.parametrize("code", ["PROD-TEA100-00015", "A?C#D%41", "É-1"])
    def test_are_read_back_as_their_code(self, link, code):
        assert [entry.text for entry in parse_entries(link("https://x.example", code))] == [code]
