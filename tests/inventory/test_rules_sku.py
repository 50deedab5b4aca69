import pytest

from inventory.rules.sku import MATCHED, Rule, choose_sku, generate_sku


def known(model=None, storage=None, color=None, carrier=None, brand=None):
    return {
        "brand": brand, "model": model, "storage": storage, "color": color, "carrier": carrier
    }  # fmt: skip


class TestGenerateSku:
    @pytest.mark.parametrize(
        ("values", "sku"),
        [
            (("iPhone 13", "256GB", "Blue", "AT&T"), "IPHONE13-256-BLU-ATT"),
            (("iPhone 13 Pro", "256GB", "Sierra Blue", "Unlocked"), "IPHONE13PRO-256-BLU-UNL"),
            (("Galaxy S21+", "128 GB", "Phantom Black", "T-Mobile"), "GALAXYS21PLUS-128-BLK-TMO"),
            (("iPhone 15 Pro Max", "1TB", "Natural Titanium", "Verizon"),
             "IPHONE15PROMAX-1TB-NAT-VZW"),
            (("iPhone 12", None, "Gray green", "Sprint"), "IPHONE12-GRN-SPR"),
            ((None, "64GB", "Red", "AT&T"), None),
            (("x" * 70, None, None, None), "X" * 60),
            (("iPhone 12", None, "GRY", None), "IPHONE12-GRY"),
            (("\u2014", "64GB", None, None), None),
        ],
    )  # fmt: skip
    def test_joins_the_parts_that_are_known(self, values, sku):
        assert generate_sku(known(*values)) == sku


class TestChooseSku:
    def rule(self, sku, **matches):
        return Rule({name: matches.get(name, "") for name in MATCHED}, sku)

    def test_takes_the_first_rule_that_fits(self):
        rules = [
            self.rule("PRO", model="iPhone 13 Pro"),
            self.rule("BLUE", model=" IPHONE  13 ", color="blue"),
            self.rule("ANY"),
        ]

        assert choose_sku(rules, known("iPhone 13", color="Blue")) == ("BLUE", "rule")
        assert choose_sku(rules, known("iPhone 13")) == ("ANY", "rule")

    def test_makes_one_where_no_rule_fits(self):
        rules = [self.rule("BLUE", color="blue")]

        assert choose_sku(rules, known("iPhone 13")) == ("IPHONE13", "generated")
        assert choose_sku(rules, known()) == (None, None)
