import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.api.queries import refuse_unknown
from accounts.errors import UnknownFilter


def request_of(query: str) -> Request:
    return Request(APIRequestFactory().get(f"/?{query}"))


class TestRefuseUnknown:
    @pytest.mark.parametrize("query", ["", "a=1", "a=1&a=2&b="])
    def test_lets_known_ones_through(self, query):
        refuse_unknown(request_of(query), ["a", "b"])

    def test_names_the_first_one_that_is_not_known(self):
        with pytest.raises(UnknownFilter, match="Unknown filter: c"):
            refuse_unknown(request_of("a=1&c=2&d=3"), ["a", "b"])

    def test_repeats_no_long_name(self):
        with pytest.raises(UnknownFilter) as raised:
            refuse_unknown(request_of("x" * 5000), ["a"])

        assert len(raised.value.message) < 150
