"""What stands on a label, and how its words fit beside its code."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qrtracking.rules.links import case_link, unit_link

# So many variants of a mixed case are named.
VARIANTS_NAMED = 6
SMALLEST_TEXT = 3.5
STEP = 0.5
# Height of a line by the size of its text.
LEADING = 1.2

# The sequence of a unit, the number of a case.
BOLD_LINE = 1

# A text with whether it is bold.
Line = tuple[str, bool]
# The width of a text, bold or not, at size 1.
Measure = Callable[[str, bool], float]

# Codes may be broken after their dashes, texts at their spaces.
_PIECE = re.compile(r"[^-\s]*(?:-+|\s+|$)")


@dataclass(frozen=True)
class Label:
    """The address that the code holds, and lines for people."""

    content: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class FittedText:
    size: float
    lines: tuple[Line, ...]


def unit_label(
    *, base_url: str, code: str, order_no: str, sequence: int, variant: str, case: int | None
) -> Label:
    lines = (order_no, f"#{sequence}", variant, f"Case {case}" if case else "")
    return Label(unit_link(base_url, code), tuple(line for line in lines if line))


def spare_label(
    *, base_url: str, code: str, order_no: str, sequence: int, variant: str, number: int
) -> Label:
    """`number` counts the spares of the variant."""
    lines = (order_no, f"#{sequence}", f"B{variant}-{number:04d}")
    return Label(unit_link(base_url, code), lines)


def case_label(
    *,
    base_url: str,
    code: str,
    order_no: str,
    case: int,
    contents: Mapping[str, int],
    sscc: str | None,
) -> Label:
    """`contents`: the planned number of units of each variant."""
    lines = [order_no, f"CASE {case}", *contents_lines(contents)]
    if sscc:
        lines.append(f"SSCC {sscc}")
    return Label(case_link(base_url, code), tuple(lines))


def contents_lines(contents: Mapping[str, int]) -> list[str]:
    named = [f"{count} x {variant}" for variant, count in contents.items()]
    rest = len(named) - VARIANTS_NAMED
    if rest <= 0:
        return named
    return [*named[:VARIANTS_NAMED], f"and {rest} more {'variant' if rest == 1 else 'variants'}"]


def fit_text(
    lines: Sequence[str], *, width: float, height: float, largest: float, measure: Measure
) -> FittedText:
    """The largest size in which all lines fit: whole, else broken at dashes and spaces, else cut.

    Width and height are in points. What does not fit in the smallest size either is left out from
    below.
    """
    whole = tuple((line, place == BOLD_LINE) for place, line in enumerate(lines))
    words = [(word, is_bold) for line, is_bold in whole for word in _PIECE.findall(line)]
    # A somewhat smaller size rather than a broken line, a small one rather than a cut word.
    for widest, least in ((_widest(whole, measure), 0.8), (_widest(words, measure), 0.6), (0, 0)):
        size = largest
        while size >= max(least * largest, SMALLEST_TEXT):
            broken = _break_all(lines, width / size, measure)
            if widest * size <= width and len(broken) * size * LEADING <= height:
                return FittedText(size, broken)
            size -= STEP
    most = max(1, int(height / (SMALLEST_TEXT * LEADING)))
    return FittedText(SMALLEST_TEXT, _break_all(lines, width / SMALLEST_TEXT, measure)[:most])


def _widest(lines: Sequence[Line], measure: Measure) -> float:
    return max((measure(text.strip(), is_bold) for text, is_bold in lines), default=0)


def _break_all(lines: Sequence[str], width: float, measure: Measure) -> tuple[Line, ...]:
    return tuple(
        (part, place == BOLD_LINE)
        for place, line in enumerate(lines)
        for part in _break(line, width, measure, is_bold=place == BOLD_LINE)
    )


def _break(line: str, width: float, measure: Measure, *, is_bold: bool) -> list[str]:
    parts = [""]
    for piece in _PIECE.findall(line):
        for bit in _cut(piece, width, measure, is_bold=is_bold):
            if measure((parts[-1] + bit).rstrip(), is_bold) <= width:
                parts[-1] += bit
            else:
                parts.append(bit)
    return [part.strip() for part in parts if part.strip()]


def _cut(piece: str, width: float, measure: Measure, *, is_bold: bool) -> list[str]:
    """A piece that is wider than the whole line is cut within."""
    bits = []
    while len(piece) > 1 and measure(piece.rstrip(), is_bold) > width:
        ends = range(len(piece) - 1, 1, -1)
        end = next((end for end in ends if measure(piece[:end], is_bold) <= width), 1)
        bits.append(piece[:end])
        piece = piece[end:]
    return [*bits, piece]
