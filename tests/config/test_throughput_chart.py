from datetime import UTC, datetime

from config.throughput_chart import HEIGHT, LEFT, TOP, WIDTH, draw_chart

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class TestDrawChart:
    def test_puts_the_oldest_hour_left_and_the_newest_right(self):
        chart = draw_chart(done=[1, 2, 3], failed=[0, 0, 1], now=NOON)

        assert [bar.title for bar in chart.bars] == [
            "09:00 to 10:00: 3 done, 1 failed",
            "10:00 to 11:00: 2 done, 0 failed",
            "11:00 to 12:00: 1 done, 0 failed",
        ]
        assert [bar.x for bar in chart.bars] == sorted(bar.x for bar in chart.bars)

    def test_stacks_failed_on_done_up_to_the_top(self):
        chart = draw_chart(done=[6], failed=[2], now=NOON)

        (bar,) = chart.bars
        assert chart.highest == 8
        assert bar.failed_y == TOP
        assert bar.done_y == bar.failed_y + bar.failed_height
        assert bar.done_height == 3 * bar.failed_height

    def test_stays_inside_of_the_picture(self):
        chart = draw_chart(done=[7] * 24, failed=[1] * 24, now=NOON)

        assert min(bar.x for bar in chart.bars) >= LEFT
        assert max(bar.x + bar.width for bar in chart.bars) <= WIDTH
        assert max(bar.done_y + bar.done_height for bar in chart.bars) <= HEIGHT

    def test_labels_every_fourth_hour(self):
        chart = draw_chart(done=[0] * 24, failed=[0] * 24, now=NOON)

        labels = [bar.label for bar in chart.bars if bar.label]
        assert labels == ["15:00", "19:00", "23:00", "03:00", "07:00", "11:00"]

    def test_is_flat_without_jobs(self):
        chart = draw_chart(done=[0, 0], failed=[0, 0], now=NOON)

        assert chart.highest == 0
        assert {bar.done_height for bar in chart.bars} == {0}

    def test_is_empty_without_hours(self):
        assert draw_chart(done=[], failed=[], now=NOON).bars == []
