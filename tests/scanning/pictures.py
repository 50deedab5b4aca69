"""Pictures of codes, drawn by the tests themselves."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image

QR = zxingcpp.BarcodeFormat.QRCode
DATA_MATRIX = zxingcpp.BarcodeFormat.DataMatrix
CODE_128 = zxingcpp.BarcodeFormat.Code128


def draw_code(text: str, kind: Any = QR, *, scale: int = 3) -> Image.Image:
    drawn = zxingcpp.create_barcode(text, kind).to_image(scale=scale)
    height, width = drawn.shape
    return Image.frombytes("L", (width, height), memoryview(drawn).tobytes())


def draw_tray(texts: Sequence[str], *, columns: int = 6, cell: int = 190) -> Image.Image:
    """Codes in rows as people lay them: not quite in line."""
    rows = -(-len(texts) // columns)
    tray = Image.new("L", (columns * cell, rows * cell), "white")
    for place, text in enumerate(texts):
        row, column = divmod(place, columns)
        tray.paste(draw_code(text), (column * cell + 10, row * cell + 10 + place % 3 * 6))
    return tray


def as_file(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
