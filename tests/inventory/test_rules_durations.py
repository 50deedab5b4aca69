import pytest

from inventory.rules.durations import span_text


class TestSpanText:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "00:00:00.00"),
            (1.23, "00:00:01.23"),
            (1.235, "00:00:01.24"),
            (59.999, "00:01:00.00"),
            (3_661.5, "01:01:01.50"),
            (93_784.5, "1 day 02:03:04.50"),
            (2 * 86_400, "2 days 00:00:00.00"),
            (-1, "00:00:00.00"),
        ],
    )
    def test_writes_what_postgresql_writes(self, seconds, text):
        assert span_text(seconds) == text
