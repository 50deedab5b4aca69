"""Labels in ZPL II, the language of label printers (Zebra's Programming Guide, P1099958).

The printer draws the code itself: its size is chosen here from how many characters it holds.
"""

from collections.abc import Iterable

from qrtracking.rules.labels import LEADING, Label, fit_text
from qrtracking.rules.layouts import LAYOUTS, Box, Layout

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
QUIET_ZONE = 4
# The printer's limit.
MAX_MAGNIFICATION = 10
# Of the printer's built-in font: capitals and digits are narrower than this share of its height.
CHARACTER_WIDTH = 0.6

# Bytes that a symbol of version 1, 2, … holds at error correction M (ISO/IEC 18004, table 7).
# fmt: off
_CAPACITY = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
    711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989,
    2099, 2213, 2331,
)
# fmt: on
# `^` and `~` begin commands, `_` an escape, and a backslash is special in some fields.
_SPECIAL = frozenset(b"^~_\\")


def render_zpl(
    labels: Iterable[Label],
    *,
    layout: Layout = LAYOUTS["one_up"],
    dots_per_inch: int = 203,
    copies: int = 1,
) -> str:
    """One format a label, for a medium of the layout's label size. Raises ValueError for a content
    that no code of this size can hold."""
    return "".join(_format(label, layout, dots_per_inch, copies) for label in labels)


def symbol_size(content: str) -> int:
    """The modules of a side of the code with this content, without its quiet zone."""
    length = len(content.encode())
    for version, capacity in enumerate(_CAPACITY, 1):
        if length <= capacity:
            return 17 + 4 * version
    raise ValueError("This text is too long for a QR code.")


def escape(text: str) -> str:
    """Field data after `^FH_`: what is special or no plain ASCII as the hex digits of its UTF-8."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in _SPECIAL else f"_{byte:02X}"
        for byte in text.encode()
    )


def _format(label: Label, layout: Layout, dots_per_inch: int, copies: int) -> str:
    area = Box(0, 0, layout.label_width, layout.label_height)
    lines = [
        # UTF-8, the size of the medium, and where it begins.
        "^XA^CI28",
        f"^PW{_dots(area.width, dots_per_inch)}^LL{_dots(area.height, dots_per_inch)}^LH0,0",
        _code(label.content, layout.code_place(area), dots_per_inch),
        *_texts(label.lines, layout, layout.text_place(area), dots_per_inch),
        f"^PQ{copies}^XZ",
    ]
    return "\n".join(lines) + "\n"


def _code(content: str, place: Box, dots_per_inch: int) -> str:
    modules = symbol_size(content)
    side = _dots(place.width, dots_per_inch)
    module = min(side // (modules + 2 * QUIET_ZONE), MAX_MAGNIFICATION)
    if module < 1:
        raise ValueError("This text is too long for a QR code of this size.")
    inset = (side - modules * module) // 2
    left, top = _dots(place.left, dots_per_inch) + inset, _dots(place.top, dots_per_inch) + inset
    # Model 2; error correction M, and the printer chooses the mode (A).
    return f"^FO{left},{top}^BQN,2,{module}^FH_^FDMA,{escape(content)}^FS"


def _texts(lines: tuple[str, ...], layout: Layout, place: Box, dots_per_inch: int) -> list[str]:
    fitted = fit_text(
        lines,
        width=_points(place.width),
        height=_points(place.height),
        largest=layout.text_size,
        measure=lambda text, _is_bold: len(text) * CHARACTER_WIDTH,
    )
    height = max(1, int(fitted.size * dots_per_inch / POINTS_PER_INCH))
    pitch = int(fitted.size * LEADING * dots_per_inch / POINTS_PER_INCH)
    left, top = _dots(place.left, dots_per_inch), _dots(place.top, dots_per_inch)
    fields = []
    for number, (text, is_bold) in enumerate(fitted.lines):
        # The font has no bold face: printed twice, a dot apart, is one.
        for shift in (0, 1) if is_bold else (0,):
            place_of_line = f"^FO{left + shift},{top + number * pitch}"
            fields.append(f"{place_of_line}^A0N,{height},{height}^FH_^FD{escape(text)}^FS")
    return fields


def _dots(millimetres: float, dots_per_inch: int) -> int:
    return int(millimetres / MM_PER_INCH * dots_per_inch)


def _points(millimetres: float) -> float:
    return millimetres / MM_PER_INCH * POINTS_PER_INCH
