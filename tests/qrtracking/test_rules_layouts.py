from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.models import LabelLayout
from qrtracking.rules.layouts import (
    LAYOUTS,
    ZPL_LABELS_A_PAGE,
    Box,
    Layout,
    count_pages,
    labels_per_page,
)

sizes = st.floats(min_value=5, max_value=120)


@st.composite
def layouts(draw) -> Layout:
    """Any grid that a page can hold."""
    columns, rows = draw(st.integers(1, 8)), draw(st.integers(1, 20))
    width, height, gap = draw(sizes), draw(sizes), draw(st.floats(min_value=0, max_value=10))
    return Layout(
        page_width=columns * width + (columns - 1) * gap + draw(st.floats(0, 50)),
        page_height=rows * height + draw(st.floats(0, 50)),
        label_width=width,
        label_height=height,
        columns=columns,
        rows=rows,
        gap=gap,
    )


def places(layout: Layout) -> list[Box]:
    return [layout.place(index) for index in range(layout.per_page)]


def lies_in(inner: Box, outer: Box) -> bool:
    slack = 1e-6
    return (
        inner.left >= outer.left - slack
        and inner.top >= outer.top - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def overlap(one: Box, other: Box) -> bool:
    slack = 1e-6
    return (
        min(one.right, other.right) - max(one.left, other.left) > slack
        and min(one.bottom, other.bottom) - max(one.top, other.top) > slack
    )


def assert_sound(layout: Layout) -> None:
    page = Box(0, 0, layout.page_width, layout.page_height)
    for label in places(layout):
        code, text = layout.code_place(label), layout.text_place(label)
        assert lies_in(label, page)
        assert lies_in(code, label)
        assert lies_in(text, label)
        assert code.width == code.height
        assert not overlap(code, text)


class TestLayout:
    @given(layouts())
    def test_never_leaves_the_page_or_the_label(self, layout):
        assert_sound(layout)

    @given(layouts())
    def test_never_lays_labels_over_each_other(self, layout):
        assert not any(overlap(*pair) for pair in combinations(places(layout)[:60], 2))

    @given(layouts())
    def test_goes_from_left_to_right_and_downwards(self, layout):
        order = [(round(box.top, 6), round(box.left, 6)) for box in places(layout)]

        assert order == sorted(order)


class TestLayouts:
    @pytest.mark.parametrize("name", LAYOUTS)
    def test_are_sound(self, name):
        assert_sound(LAYOUTS[name])
        assert not any(overlap(*pair) for pair in combinations(places(LAYOUTS[name]), 2))

    def test_are_those_of_the_model(self):
        assert {*LAYOUTS, "zpl"} == {*LabelLayout.values}

    @pytest.mark.parametrize(
        ("name", "columns", "rows", "first"),
        [
            ("a4_65", 5, 13, (4.75, 10.7)),
            ("a4_24", 3, 8, (7.25, 12.9)),
            ("a4_8", 2, 4, (4.65, 13.1)),
            ("one_up", 1, 1, (0, 0)),
        ],
    )
    def test_have_the_measures_of_the_sheets_sold(self, name, columns, rows, first):
        layout = LAYOUTS[name]

        place = layout.place(0)
        assert (layout.columns, layout.rows) == (columns, rows)
        assert (place.left, place.top) == pytest.approx(first)


class TestCountPages:
    @given(st.sampled_from([*LAYOUTS, "zpl"]), st.integers(min_value=1, max_value=20_000))
    def test_takes_as_few_as_hold_all_labels(self, name, labels):
        size, pages = labels_per_page(name), count_pages(name, labels)

        assert (pages - 1) * size < labels <= pages * size

    def test_has_a_page_for_label_printers_too(self):
        assert labels_per_page("zpl") == ZPL_LABELS_A_PAGE
