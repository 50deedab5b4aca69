"""What people fill in about file imports."""

import pytest

from inventory.forms.imports import AnswerForm, MappingForm, field_words
from inventory.rules.fields import FIELDS
from inventory.rules.intake_columns import IGNORE, KEEP
from inventory.selectors.imports import Column, Question

COLUMNS = (Column("IMEI", "IMEI", "imei", "imei", ()), Column("x", "x", "", "", ()))


class TestFieldWords:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("imei", "IMEI"),
            ("imei2", "Second IMEI"),
            ("sku", "SKU"),
            ("body_condition", "Body condition"),
        ],
    )
    def test_are_those_of_people(self, name, words):
        assert field_words(name) == words

    def test_are_all_different(self):
        assert len({field_words(name) for name in FIELDS}) == len(FIELDS)


class TestAnswerForm:
    @pytest.mark.parametrize(
        ("kind", "text", "answer"),
        [
            ("sheet", "Returns 2026", {"sheet": "Returns 2026"}),
            ("header", "line-4", {"header_line": 4}),
            ("header", "0", {"header_line": 0}),
            ("header", "column-0", {"imei_column": 0}),
        ],
    )
    def test_reads_an_answer(self, kind, text, answer):
        form = AnswerForm({"answer": text}, question=Question(kind))

        assert form.is_valid()
        assert form.cleaned_data["answer"] == answer

    @pytest.mark.parametrize(
        "text",
        ["", "x", "line", "line-", "line-x", "line--1", "row-1", "-1-1", "line-٣", "line-1234567"],
    )
    def test_refuses_what_is_none(self, text):
        assert not AnswerForm({"answer": text}, question=Question("header")).is_valid()

    def test_knows_the_columns_of_the_widest_row(self):
        question = Question("header", rows=((1, ("a",)), (2, ("a", "b"))))

        assert list(AnswerForm(question=question).column_indexes()) == [0, 1]


class TestMappingForm:
    def test_starts_with_what_is_set(self):
        form = MappingForm(columns=COLUMNS)

        assert [(column.key, field.initial) for column, field in form.rows()] == [
            ("IMEI", "imei"), ("x", ""),
        ]  # fmt: skip

    @pytest.mark.parametrize("target", [KEEP, IGNORE, *FIELDS])
    def test_takes_every_field(self, target):
        form = MappingForm({"column-0": "imei", "column-1": target}, columns=COLUMNS)

        assert form.is_valid()
        assert form.mapping() == {"IMEI": "imei", "x": target}

    def test_refuses_an_unknown_field(self):
        assert not MappingForm({"column-0": "smell"}, columns=COLUMNS).is_valid()
