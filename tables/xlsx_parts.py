"""The XML of a workbook (ECMA-376), apart from how it is put into a file."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from tables.cells import Cell, in_utc, legal_text

MAX_TEXT = 32_767
MAX_TITLE = 31
# A spreadsheet calculates with doubles: more digits than these do not survive it.
MAX_DIGITS = 15

STYLE_HEADER, STYLE_DATE, STYLE_MOMENT = 1, 2, 3

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (day 0 of spreadsheets, which know no zones)
# Excel counts a 29 February 1900 that never was, so days before March are off by one there.
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001
# `_x000D_` inside a text stands for a character: a text that looks like it needs its own escape.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")

ROOT_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
SHEET_END = "</sheetData></worksheet>"


def sheet_start(widths: Sequence[int], *, frozen_rows: int) -> str:
    pane = (
        f'<pane ySplit="{frozen_rows}" topLeftCell="A{frozen_rows + 1}"'
        ' activePane="bottomLeft" state="frozen"/>'
    )
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        f"{pane if frozen_rows else ''}</sheetView></sheetViews>"
        f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>"
    )


def closing_parts(titles: Sequence[str]) -> list[tuple[str, str]]:
    """(name, text) of the parts that are known when all sheets are written."""
    return [
        ("xl/workbook.xml", workbook(titles)),
        ("xl/_rels/workbook.xml.rels", workbook_relations(len(titles))),
        ("[Content_Types].xml", content_types(len(titles))),
    ]


def content_types(sheet_count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_CONTENT}.worksheet+xml"/>'
        for number in range(1, sheet_count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/>'
        f"{sheets}</Types>"
    )


def workbook(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{_attribute(title)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(titles, 1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<bookViews><workbookView activeTab="0"/></bookViews><sheets>{sheets}</sheets></workbook>'
    )


def workbook_relations(sheet_count: int) -> str:
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheet_count + 1)
    )
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}'
        f'<Relationship Id="rId{sheet_count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    )


def column_letters(number: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def row_xml(number: int, columns: Sequence[str], row: Sequence[Cell], *, style: int = 0) -> str:
    cells = "".join(
        [
            cell_xml(f"{column}{number}", value, style=style)
            for column, value in zip(columns, row, strict=False)
            if value is not None
        ]
    )
    return f'<row r="{number}">{cells}</row>'


def cell_xml(place: str, value: Cell, *, style: int = 0) -> str:
    if isinstance(value, str):
        return _text_cell(place, value, style)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, date):
        return _date_cell(place, value)
    number = _number(value) if value is not None else ""
    if number is None:
        return _text_cell(place, str(value), style)
    return f'<c r="{place}"><v>{number}</v></c>'


def _text_cell(place: str, value: str, style: int) -> str:
    marked = f' s="{style}"' if style else ""
    # An inline string is never a formula, whatever it begins with.
    return f'<c r="{place}" t="inlineStr"{marked}><is><t xml:space="preserve">{_text(value)}</t></is></c>'


def _text(value: str) -> str:
    text = legal_text(value)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 1] + "…"
    return escape(text)


def _attribute(value: str) -> str:
    return escape(legal_text(value), {'"': "&quot;"})


def _number(value: int | float | Decimal) -> str | None:
    """The number as a spreadsheet keeps it exactly, else None."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    digits = text.lstrip("-").replace(".", "").strip("0")
    return text if len(digits) <= MAX_DIGITS else None


def _date_cell(place: str, value: date) -> str:
    is_moment = isinstance(value, datetime)
    moment = in_utc(value).replace(tzinfo=None) if isinstance(value, datetime) else _midnight(value)
    if moment < _FIRST_DAY:
        return _text_cell(place, value.isoformat(), 0)
    since = moment - _EPOCH
    # Five digits of a day are about a second; nine keep the millisecond.
    days = f"{since.days + since.seconds / 86_400 + since.microseconds / 86_400e6:.9f}"
    number = days.rstrip("0").rstrip(".")
    return f'<c r="{place}" s="{STYLE_MOMENT if is_moment else STYLE_DATE}"><v>{number}</v></c>'


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 (days have no zone)


def clean_title(title: str) -> str:
    """A name that a sheet may have, at most 31 characters."""
    text = _FORBIDDEN_IN_TITLE.sub(" ", legal_text(title)).strip().strip("'").strip()
    # Excel keeps "History" for itself.
    text = f"{text}_" if text.lower() == "history" else text
    return text[:MAX_TITLE].rstrip("'") or "Sheet"


def numbered_title(title: str, number: int) -> str:
    """The title of the number-th sheet of the same rows: `Codes (2)`."""
    if number == 1:
        return title
    tail = f" ({number})"
    return title[: MAX_TITLE - len(tail)].rstrip() + tail
