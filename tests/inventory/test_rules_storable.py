import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.storable import NotStorable, as_stored

JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(-1e300, 1e300),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text("abc"), inner)),
    max_leaves=5,
)  # fmt: skip


class TestAsStored:
    @given(st.dictionaries(st.text("xyz"), JSON))
    def test_gives_what_was_posted(self, data):
        assert json.loads(as_stored(data, max_kilobytes=10_000)) == data

    def test_writes_decimals_as_the_numbers_they_are(self):
        assert as_stored({"a": Decimal("1.5"), "b": Decimal("3E+2")}, max_kilobytes=1) == (
            '{"a": 1.5, "b": 300}'
        )

    def test_knows_the_letters_of_an_escape_from_a_nul(self):
        assert as_stored({"a": "\\u0000"}, max_kilobytes=1)
        with pytest.raises(NotStorable, match="NUL"):
            as_stored({"a": ["\\", {"b": "\0"}]}, max_kilobytes=1)

    def test_refuses_what_json_has_no_word_for(self):
        with pytest.raises(NotStorable, match="bytes"):
            as_stored({"a": b"x"}, max_kilobytes=1)
