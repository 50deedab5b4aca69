"""Draws a page of labels as a PDF: codes as vector paths, texts beside them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO

import zxingcpp
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from qrtracking.rules.labels import LEADING, FittedText, Label, fit_text
from qrtracking.rules.layouts import Box, Layout

ERROR_CORRECTION = "M"
QUIET_MODULES = 4
REGULAR, BOLD = "Helvetica", "Helvetica-Bold"

Run = tuple[int, int, int]


def draw_page(labels: Sequence[Label], layout: Layout) -> bytes:
    """The same labels always give the same bytes."""
    target = BytesIO()
    size = (layout.page_width * mm, layout.page_height * mm)
    canvas = Canvas(target, pagesize=size, pageCompression=1, invariant=1)
    for index, label in enumerate(labels):
        place = layout.place(index)
        _draw_code(canvas, label.content, layout.code_place(place), page_height=layout.page_height)
        _draw_text(canvas, label.lines, layout, place)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw_code(canvas: Canvas, content: str, box: Box, *, page_height: float) -> None:
    modules, runs = encode(content)
    module = box.width * mm / (modules + 2 * QUIET_MODULES)
    canvas.saveState()
    canvas.translate(
        box.left * mm + QUIET_MODULES * module,
        (page_height - box.bottom) * mm + QUIET_MODULES * module,
    )
    canvas.scale(module, module)
    canvas.drawPath(_ModulePath(runs, modules), stroke=0, fill=1)
    canvas.restoreState()


def encode(content: str) -> tuple[int, list[Run]]:
    """The side of the code in modules, and its dark ones as (x, y, length) from above."""
    barcode = zxingcpp.create_barcode(
        content, zxingcpp.BarcodeFormat.QRCode, ec_level=ERROR_CORRECTION
    )
    image = barcode.to_image(scale=1, add_quiet_zones=False)
    side: int = image.shape[0]
    rows = memoryview(image).cast("B")  # type: ignore[arg-type] # not said in the library's types
    runs = (
        (x, y, length)
        for y in range(side)
        for x, length in _dark_runs(bytes(rows[y * side : (y + 1) * side]))
    )
    return side, list(runs)


def _dark_runs(row: bytes) -> Iterator[tuple[int, int]]:
    start = row.find(0)
    while start >= 0:
        end = row.find(255, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = row.find(0, end)


class _ModulePath:
    """What the canvas takes for a path. Its own one formats each number: seven times slower."""

    def __init__(self, runs: Iterable[Run], modules: int) -> None:
        self._runs = runs
        self._modules = modules

    def getCode(self) -> str:  # noqa: N802 (the canvas's name for it)
        # A single path: between two of them a renderer may leave a hair of white.
        lowest = self._modules - 1
        return "\n".join(f"{x} {lowest - y} {length} 1 re" for x, y, length in self._runs)


def _draw_text(canvas: Canvas, lines: Sequence[str], layout: Layout, label: Box) -> None:
    box = layout.text_place(label)
    text = _fit(tuple(lines), box.width * mm, box.height * mm, layout.text_size)
    leading = text.size * LEADING
    middle = (layout.page_height - (box.top + box.bottom) / 2) * mm
    # Down to the baseline of the first line of a block around the middle.
    baseline = middle + len(text.lines) * leading / 2 - text.size
    for line, is_bold in text.lines:
        canvas.setFont(BOLD if is_bold else REGULAR, text.size)
        canvas.drawString(box.left * mm, baseline, line)
        baseline -= leading


def _fit(lines: tuple[str, ...], width: float, height: float, largest: float) -> FittedText:
    return fit_text(lines, width=width, height=height, largest=largest, measure=_measure)


@lru_cache(maxsize=4096)
def _measure(text: str, is_bold: bool) -> float:  # noqa: FBT001 (the rules call it by place)
    return float(stringWidth(text, BOLD if is_bold else REGULAR, 1))
