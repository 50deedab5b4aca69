"""A photo of labels: the texts of all codes in it, in the order in which a person reads them."""

import struct
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from statistics import median

import zxingcpp
from PIL import Image, ImageOps

from scanning.errors import ImageTooLarge, NoCode, NotAnImage

LARGEST_FILE = 10 * 1024 * 1024
# The largest sensors of phones make 50 million; a small file may claim billions.
MOST_PIXELS = 64_000_000
# What phones, browsers and screenshots make; the library's other readers stay closed.
FILE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_FORMAT = zxingcpp.BarcodeFormat
CODE_FORMATS = zxingcpp.BarcodeFormats([_FORMAT.QRCode, _FORMAT.DataMatrix, _FORMAT.Code128])
# What the library raises for broken files, besides its own UnidentifiedImageError (an OSError).
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class _Found:
    text: str
    x: float
    y: float
    height: float


def decode_codes(data: bytes) -> list[str]:
    """The texts of all QR, Data Matrix and Code 128 codes, by rows; the same text may come twice.

    Raises ImageTooLarge (file or pixels), NotAnImage, NoCode.
    """
    if len(data) > LARGEST_FILE:
        raise ImageTooLarge
    picture = _open(data)
    # Plain keeps what the code holds, its group separators (GS) included.
    barcodes = zxingcpp.read_barcodes(
        picture, formats=CODE_FORMATS, text_mode=zxingcpp.TextMode.Plain
    )
    found = [_place(barcode) for barcode in barcodes if barcode.text]
    if not found:
        raise NoCode
    return [one.text for row in _rows(found) for one in sorted(row, key=lambda one: one.x)]


def _open(data: bytes) -> Image.Image:
    """Upright and in shades of grey, on white where it is transparent."""
    try:
        picture: Image.Image = Image.open(BytesIO(data), formats=FILE_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ImageTooLarge("The image has too many pixels")
        picture.draft("L", picture.size)
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            layer = upright.convert("RGBA")
            upright = Image.new("RGBA", layer.size, "white")
            upright.alpha_composite(layer)
        return upright.convert("L")
    except _BOMBS:
        raise ImageTooLarge("The image has too many pixels") from None
    except _BROKEN:
        raise NotAnImage from None


def _place(barcode: zxingcpp.Barcode) -> _Found:
    corners = barcode.position
    points = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
    heights = [point.y for point in points]
    return _Found(
        text=barcode.text,
        x=sum(point.x for point in points) / 4,
        y=sum(heights) / 4,
        height=max(heights) - min(heights),
    )


def _rows(found: list[_Found]) -> list[list[_Found]]:
    """A new row begins where the next code lies lower by more than half a code."""
    ordered = sorted(found, key=lambda one: one.y)
    step = median(one.height for one in found) / 2
    rows = [[ordered[0]]]
    for above, one in pairwise(ordered):
        if one.y - above.y > step:
            rows.append([])
        rows[-1].append(one)
    return rows
