from jobs.admin_base.bar_chart import HEIGHT, LEFT, TOP, WIDTH, draw_bars


def values(*numbers):
    return [(number, f"{number} units", f"{at}:00") for at, number in enumerate(numbers)]


class TestDrawBars:
    def test_scales_to_the_highest(self):
        chart = draw_bars(values(5, 10))

        assert (chart.highest, chart.highest_text) == (10, "10")
        low, high = chart.bars
        assert high.y == TOP
        assert high.height == 2 * low.height
        assert low.title == "5 units"

    def test_stays_inside_of_the_picture_in_order(self):
        bars = draw_bars(values(*range(30))).bars

        assert [bar.x for bar in bars] == sorted(bar.x for bar in bars)
        assert bars[0].x >= LEFT
        assert bars[-1].x + bars[-1].width <= WIDTH
        assert max(bar.y + bar.height for bar in bars) <= HEIGHT

    def test_labels_no_more_than_fit(self):
        labels = [bar.label for bar in draw_bars(values(*range(24))).bars if bar.label]

        assert labels == ["0:00", "3:00", "6:00", "9:00", "12:00", "15:00", "18:00", "21:00"]

    def test_writes_large_numbers_readably(self):
        assert draw_bars(values(40_000)).highest_text == "40,000"

    def test_is_flat_without_values(self):
        assert draw_bars(values(0, 0)).bars[0].height == 0
        assert draw_bars([]).bars == []
