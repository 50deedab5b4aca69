"""Where labels lie on their page. All measures in millimetres, from the upper left corner."""

from dataclasses import dataclass

MOST_LABELS = 20_000

PADDING = 1.0
# Of the label's width; the rest is for the text.
WIDEST_CODE = 0.6


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True)
class Layout:
    page_width: float
    page_height: float
    label_width: float
    label_height: float
    columns: int = 1
    rows: int = 1
    # Between neighbours of a row. Rows of all sheets sold touch each other.
    gap: float = 0.0
    # The largest size of the text, in points.
    text_size: float = 7.0

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    def place(self, index: int) -> Box:
        """The label at this place of a page, from 0 in reading order."""
        row, column = divmod(index, self.columns)
        return Box(
            left=self._left + column * (self.label_width + self.gap),
            top=self._top + row * self.label_height,
            width=self.label_width,
            height=self.label_height,
        )

    def code_place(self, label: Box) -> Box:
        """The square of the code, its quiet zone included."""
        side = min(label.height - 2 * PADDING, label.width * WIDEST_CODE)
        top = label.top + (label.height - side) / 2
        return Box(label.left + PADDING, top, side, side)

    def text_place(self, label: Box) -> Box:
        """Right of the code; its quiet zone keeps them apart."""
        code = self.code_place(label)
        return Box(
            left=code.right,
            top=label.top + PADDING,
            width=label.right - PADDING - code.right,
            height=label.height - 2 * PADDING,
        )

    @property
    def _left(self) -> float:
        used = self.columns * self.label_width + (self.columns - 1) * self.gap
        return (self.page_width - used) / 2

    @property
    def _top(self) -> float:
        return (self.page_height - self.rows * self.label_height) / 2


# The sizes in which self-adhesive A4 sheets are sold: 65, 24 and 8 labels a sheet.
LAYOUTS = {
    "a4_65": Layout(210, 297, 38.1, 21.2, columns=5, rows=13, gap=2.5, text_size=6.5),
    "a4_24": Layout(210, 297, 63.5, 33.9, columns=3, rows=8, gap=2.5, text_size=9),
    "a4_8": Layout(210, 297, 99.1, 67.7, columns=2, rows=4, gap=2.5, text_size=14),
    "one_up": Layout(60, 40, 60, 40, text_size=9),
}
# A "page" of labels for a label printer: what is written and committed at once.
ZPL_LABELS_A_PAGE = 100


def labels_per_page(layout: str) -> int:
    return LAYOUTS[layout].per_page if layout in LAYOUTS else ZPL_LABELS_A_PAGE


def count_pages(layout: str, labels: int) -> int:
    return -(-labels // labels_per_page(layout))
