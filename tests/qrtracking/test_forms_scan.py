import uuid

import pytest

from qrtracking.forms.scan import ExcludesForm, LinkForm
from qrtracking.models import ProductVariant

MINT = ProductVariant(pk=uuid.uuid4(), variant_code="MINT", variant_name="Mint")
JAS = ProductVariant(pk=uuid.uuid4(), variant_code="JAS", variant_name="Jasmine")


def excludes_form(*, variants=(MINT, JAS), **fields) -> ExcludesForm:
    return ExcludesForm({"key": str(uuid.uuid4())} | fields, variants=variants)


class TestExcludesForm:
    def test_is_valid_when_empty(self):
        form = excludes_form()

        assert form.is_valid()
        del form.cleaned_data["key"]
        assert form.cleaned_data == {
            "excludes": "",
            "variant": None,
            "cases": None,
            "priority": 5,
            "notify_email": False,
        }

    @pytest.mark.parametrize(
        ("typed", "numbers"),
        [("1-3, 7", [1, 2, 3, 7]), ("#1-#3", [1, 2, 3]), (" 5 ", [5]), ("", None), (" # ", None)],
    )
    def test_reads_case_numbers(self, typed, numbers):
        form = excludes_form(cases=typed)

        assert form.is_valid()
        assert form.cleaned_data["cases"] == numbers

    @pytest.mark.parametrize("typed", ["a", "3-1", "0", "1;2", "1-2-3", "1-999999", "-1", "1,,"])
    def test_refuses_what_are_no_case_numbers(self, typed):
        assert excludes_form(cases=typed).errors["cases"] == ["Write case numbers like 1-5, 7."]

    def test_takes_a_variant_of_the_batch_only(self):
        form = excludes_form(variant=str(JAS.pk))
        assert form.is_valid()
        assert form.cleaned_data["variant"] == JAS.pk

        assert "variant" in excludes_form(variant=str(uuid.uuid4())).errors

    def test_asks_for_no_variant_where_there_is_one(self):
        assert "variant" not in excludes_form(variants=[MINT]).fields

    def test_keeps_the_lines_of_the_excludes(self):
        form = excludes_form(excludes=" 3\n4 \n")

        assert form.is_valid()
        assert form.cleaned_data["excludes"] == " 3\n4 \n"

    @pytest.mark.parametrize(
        ("fields", "is_shown"),
        [
            ({"priority": "5", "notify_email": "on"}, False),
            ({"priority": "5"}, True),
            ({"priority": "1", "notify_email": "on"}, True),
            ({"cases": "x", "priority": "5", "notify_email": "on"}, True),
        ],
    )
    def test_shows_the_choices_that_were_made(self, fields, is_shown):
        assert excludes_form(**fields).shows_options is is_shown

    def test_hides_the_choices_at_first(self):
        assert not ExcludesForm(variants=[MINT]).shows_options


class TestLinkForm:
    def test_asks_for_all_units_and_any_case_unless_told_otherwise(self):
        form = LinkForm({"case": " 7 ", "key": str(uuid.uuid4())})

        assert form.is_valid()
        assert form.cleaned_data["case"] == "7"
        assert form.cleaned_data["units"] is None
        assert form.cleaned_data["same_case"] is False
