from jobs.admin_base.bar_chart import HEIGHT, LEFT, TOP, WIDTH, Column, draw_bars


def values(*numbers):
    return [
        Column({"done": number}, f"{number} units", f"{at}:00") for at, number in enumerate(numbers)
    ]


class TestDrawBars:
    def test_scales_to_the_highest(self):
        chart = draw_bars(values(5, 10))

        assert (chart.highest, chart.highest_text) == (10, "10")
        low, high = chart.bars
        assert high.pieces[0].y == TOP
        assert high.pieces[0].height == 2 * low.pieces[0].height
        assert low.title == "5 units"

    def test_stacks_kinds_up_to_the_top(self):
        (bar,) = draw_bars([Column({"done": 6, "failed": 2}, "", "")]).bars

        done, failed = bar.pieces
        assert (done.kind, failed.kind) == ("done", "failed")
        assert failed.y == TOP
        assert done.y == failed.y + failed.height
        assert done.height == 3 * failed.height

    def test_stays_inside_of_the_picture_in_order(self):
        bars = draw_bars(values(*range(30))).bars

        assert [bar.x for bar in bars] == sorted(bar.x for bar in bars)
        assert bars[0].x >= LEFT
        assert bars[-1].x + bars[-1].width <= WIDTH
        assert max(piece.y + piece.height for bar in bars for piece in bar.pieces) <= HEIGHT

    def test_labels_no_more_than_fit(self):
        labels = [bar.label for bar in draw_bars(values(*range(24))).bars if bar.label]

        assert labels == ["0:00", "3:00", "6:00", "9:00", "12:00", "15:00", "18:00", "21:00"]

    def test_writes_large_numbers_readably(self):
        assert draw_bars(values(40_000)).highest_text == "40,000"

    def test_is_flat_without_values(self):
        assert draw_bars(values(0, 0)).bars[0].pieces[0].height == 0
        assert draw_bars([]).bars == []
