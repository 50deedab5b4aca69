import pytest
from django.test import RequestFactory

from config.client_address import seen_by_nearest_proxy


class TestSeenByNearestProxy:
    @pytest.mark.parametrize(
        ("forwarded", "address"),
        [
            ("203.0.113.9", "203.0.113.9"),
            ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("6.6.6.6,203.0.113.9 ", "203.0.113.9"),
            ("", "127.0.0.1"),
        ],
    )
    def test_believes_our_proxy_and_not_the_client(
        self, rf: RequestFactory, forwarded: str, address: str
    ) -> None:
        request = rf.get("/", headers={"x-forwarded-for": forwarded})

        assert seen_by_nearest_proxy(request) == address
