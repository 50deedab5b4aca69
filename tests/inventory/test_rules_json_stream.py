import io

import pytest

from inventory.errors import BodyNotJson
from inventory.rules import json_stream
from inventory.rules.json_stream import JsonText, ValueTooLong, ValueUnreadable


def text_of(content, longest=1000):
    return JsonText(io.BytesIO(content), longest=longest)


class TestJsonText:
    @pytest.mark.parametrize("size", [1, 2, 3, 1000])
    def test_reads_values_wherever_the_pieces_are_cut(self, monkeypatch, size):
        monkeypatch.setattr(json_stream, "AT_ONCE", size)
        text = text_of('\ufeff {"a": [1, "\\u00e9", {"b": null}], "c" : -2.5 , "d": []}'.encode())

        found = {}
        for key in text.each_key():
            found[key] = list(text.elements()) if text.peek() == "[" else text.read()

        assert found == {"a": [1, "\u00e9", {"b": None}], "c": -2.5, "d": []}
        assert text.peek() == ""

    def test_gives_elements_before_it_finds_the_mistake_behind_them(self):
        elements = text_of(b'[{"a": 1}, {"a"').elements()

        assert next(elements) == {"a": 1}
        with pytest.raises(BodyNotJson):
            next(elements)

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b'["' + b"x" * 2000 + b'"]', None),
            (b'["' + b"x" * json_stream.AT_ONCE + b'y"]', ValueTooLong),
            (b"[" + b"1" * 5000 + b"]", ValueUnreadable),
            (b"[" * 100_000, ValueUnreadable),
            (b"[\xff]", BodyNotJson),
        ],
    )
    def test_bounds_what_one_value_may_be(self, content, error):
        elements = text_of(content).elements()

        if error is None:
            assert len(next(elements)) == 2000
        else:
            with pytest.raises(error):
                next(elements)

    def test_passes_values_by(self):
        text = text_of(b'{"a": [[1], 2], "b": {"c": 3}, "d": 4}')

        for key in text.each_key():
            if key == "d":
                assert text.read() == 4
            else:
                text.skip()
