import pytest

from inventory.rules.places import carrier_of, place_key, place_name


class TestCarrierOf:
    @pytest.mark.parametrize(
        ("posted", "carrier"),
        [("UNLOCKED", "Unlocked"), ("unl", "Unlocked"), ("ATT", "AT&T"), ("at&t", "AT&T"),
         ("TMOBILE", "T-Mobile"), ("T-Mobile", "T-Mobile"), ("TMO", "T-Mobile"),
         ("verizon", "Verizon"), (" VZW ", "Verizon"), ("Sprint", "Sprint")],
    )  # fmt: skip
    def test_makes_spellings_one(self, posted, carrier):
        assert carrier_of(posted) == carrier


class TestPlaceKey:
    def test_ignores_case_and_space(self):
        assert place_key(" Warehouse  A ") == place_key("warehouse a") == "warehouse a"

    def test_is_never_longer_than_a_name_that_fits(self):
        name = "Straße " + "ß" * 93

        assert len(place_key(name)) == len(name) == 100
        assert place_key(f" {name} ") == place_key(name.replace("S", "s"))
        assert place_key("Straße") == "strasse"

    def test_leaves_the_name_its_case(self):
        assert place_name(" Warehouse  A ") == "Warehouse A"
