"""Reads a drawn page back as a scanner would.

The renderer is not safe for threads: only worker processes and commands come here.
"""

from collections.abc import Sequence

import pypdfium2
import zxingcpp

from qrtracking.rules.labels import Label
from qrtracking.rules.layouts import Box, Layout

DOTS_PER_INCH = 300
CODE_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
DOTS_PER_MM = DOTS_PER_INCH / 25.4


def is_readable(page: bytes, labels: Sequence[Label], layout: Layout) -> bool:
    """Whether every label of the page, and nothing else, holds exactly one code: its own."""
    document = pypdfium2.PdfDocument(page)
    try:
        picture = document[0].render(scale=DOTS_PER_INCH / 72, grayscale=True)
        return len(document) == 1 and _are_right(picture, labels, layout)
    finally:
        document.close()


def _are_right(picture: pypdfium2.PdfBitmap, labels: Sequence[Label], layout: Layout) -> bool:
    pixels = memoryview(picture.buffer).cast("B")
    return all(
        _read(pixels, picture.stride, layout.place(index)) == [label.content]
        for index, label in enumerate(labels)
    )


def _read(pixels: memoryview, stride: int, label: Box) -> list[str]:
    """The texts in one label. Where it lies matters: a right code beside a wrong text is wrong."""
    left, top = round(label.left * DOTS_PER_MM), round(label.top * DOTS_PER_MM)
    width, height = int(label.width * DOTS_PER_MM), int(label.height * DOTS_PER_MM)
    tile = zxingcpp.ImageView(
        pixels[top * stride + left :], width, height, zxingcpp.ImageFormat.Lum, stride, 1
    )
    codes = zxingcpp.read_barcodes(
        tile,
        formats=CODE_FORMATS,
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [code.text for code in codes]
