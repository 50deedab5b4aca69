"""The one normaliser for everything that is scanned, typed or pasted."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import unquote

MAX_RANGE_UNITS = 100_000

_SEPARATORS = "\t\r\n"
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_TRIM = " \u1680\u2029" + _QUOTES
# A scanner may send its symbology ("]Q3", "]d2") before the text.
_LEADING = re.compile(rf"(?:[{re.escape(_TRIM)}]|\][A-Za-z][0-9])+")
_LINE_ENDS = re.compile("[\r\n\u2028]")
_ENTRY_ENDS = re.compile(r"[\t,;]")
_QUERY = re.compile(r"[?#]")
_NUMBERS = re.compile(r"(seq\s*:\s*)?([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?", re.IGNORECASE)
_CASE = re.compile(r"case\s*:\s*([0-9]{1,9})", re.IGNORECASE)
_TRACK = re.compile(r"/track/(?:(?:product|master)/)?([^/]*)", re.IGNORECASE)


class EntryKind(StrEnum):
    CODE = "code"
    SEQUENCE = "sequence"
    RANGE = "range"
    NOT_FOUND = "not_found"


class Entry(NamedTuple):
    """One thing a person named. `first` and `last` are unit numbers, 0 where there are none."""

    kind: EntryKind
    typed: str
    text: str
    first: int = 0
    last: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Equal keys are the same entry, however it was spelled."""
        if self.kind is EntryKind.SEQUENCE:
            return (self.kind, self.first)
        if self.kind is EntryKind.RANGE:
            return (self.kind, self.first, self.last)
        return (self.kind, self.text.upper())

    @property
    def stored(self) -> str:
        """What a table keeps of the entry; `restore_entries` reads it back without its line."""
        return f"?{self.typed}" if self.kind is EntryKind.NOT_FOUND else self.typed


def as_columns(entries: Iterable[Entry]) -> dict[str, list[Any]]:
    """The entries that may name units, as the columns that our statements take.

    `positions` are their places among all entries, from 0.
    """
    asked = [(at, one) for at, one in enumerate(entries) if one.kind is not EntryKind.NOT_FOUND]
    return {
        "positions": [at for at, _ in asked],
        "texts": [match_key(entry.text) for _, entry in asked],
        "firsts": [entry.first for _, entry in asked],
        "lasts": [entry.last for _, entry in asked],
    }


class CaseEntry(NamedTuple):
    """What a case field holds: a case number of the batch, or the text of a label."""

    number: int | None
    text: str


def parse_entries(text: str | Iterable[str]) -> tuple[Entry, ...]:
    """Give the unique entries in order of appearance; each text of a list stands on its own lines."""
    texts = [text] if isinstance(text, str) else text
    unique: dict[tuple[object, ...], Entry] = {}
    for one in texts:
        for entry in _entries_of_text(one):
            unique.setdefault(entry.key, entry)
    return tuple(unique.values())


def count_entries(text: str) -> int:
    """How many entries a text holds; repeated ones count again, a range counts its units."""
    return sum(
        entry.last - entry.first + 1 if entry.kind is EntryKind.RANGE else 1
        for entry in _entries_of_text(text)
    )


def restore_entries(stored: Iterable[str]) -> tuple[Entry, ...]:
    """Read entries back from `Entry.stored`, one for one and in the same order."""
    return tuple(_restore(text) for text in stored)


def parse_case_entry(text: str, *, bare_numbers: bool = False) -> CaseEntry | None:
    """Read one case field. Pages also take a bare case number; None when it names no one case."""
    cleaned = _trim(clean(text))
    number = _CASE.fullmatch(cleaned)
    if number:
        return _case_number(int(number[1]))
    entries = parse_entries(text)
    if len(entries) != 1:
        return None
    entry = entries[0]
    if entry.kind is EntryKind.CODE:
        return CaseEntry(None, entry.text)
    bare = bare_numbers and entry.kind is EntryKind.SEQUENCE and entry.typed.isdigit()
    return _case_number(entry.first) if bare else None


def match_key(text: str) -> str:
    """Upper-case the ASCII letters only, as upper() does under collation "C" in the database."""
    return text.upper() if text.isascii() else re.sub("[a-z]+", lambda m: m[0].upper(), text)


def clean(text: str) -> str:
    """Apply NFKC, drop what cannot be seen and make every dash the same; separators stay."""
    visible = _drop_invisible(text)
    if visible.isascii():
        return visible
    return _drop_invisible(unicodedata.normalize("NFKC", visible)).translate(_DASHES)


def _drop_invisible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    unwanted = {
        ord(char): None
        for char in set(text)
        if char not in _SEPARATORS and unicodedata.category(char) in _INVISIBLE
    }
    return text.translate(unwanted) if unwanted else text


def _trim(piece: str) -> str:
    leading = _LEADING.match(piece)
    return (piece[leading.end() :] if leading else piece).rstrip(_TRIM)


def _entries_of_text(text: str) -> Iterator[Entry]:
    for line in _LINE_ENDS.split(clean(text)):
        # A query string is cut into pieces at its separators; its numbers are no units.
        in_query = _QUERY.search(line) is not None
        for piece in _ENTRY_ENDS.split(line):
            yield from _entries_of_piece(piece, in_query=in_query)


def _entries_of_piece(piece: str, *, in_query: bool) -> Iterator[Entry]:
    trimmed = _trim(piece)
    parts = [trimmed] if _NUMBERS.fullmatch(trimmed) else map(_trim, trimmed.split())
    for part in parts:
        entry = _number_entry(part, in_query=in_query) or _code_entry(part)
        if entry:
            yield entry


def _number_entry(piece: str, *, in_query: bool) -> Entry | None:
    numbers = _NUMBERS.fullmatch(piece)
    if not numbers:
        return None
    first = int(numbers[2])
    last = int(numbers[3] or first)
    bare = numbers[1] is None
    if (bare and in_query) or not 0 < first <= last < first + MAX_RANGE_UNITS:
        return Entry(EntryKind.NOT_FOUND, piece, piece)
    kind = EntryKind.RANGE if numbers[3] else EntryKind.SEQUENCE
    return Entry(kind, piece, piece, first, last)


def _code_entry(piece: str) -> Entry | None:
    text = _code_text(piece)
    return Entry(EntryKind.CODE, piece, text) if text else None


def _code_text(piece: str) -> str:
    path = _QUERY.split(piece, maxsplit=1)[0].rstrip("/")
    if "%" in path:
        path = "".join(_LINE_ENDS.split(clean(unquote(path)))).replace("\t", "").rstrip("/")
    if "/" not in path:
        return path.strip(_TRIM)
    tracked = _TRACK.search(path)
    return (tracked[1] if tracked else path.rpartition("/")[2]).strip(_TRIM)


def _restore(text: str) -> Entry:
    if text.startswith("?"):
        return Entry(EntryKind.NOT_FOUND, text[1:], text[1:])
    return next(_entries_of_piece(text, in_query=False))


def _case_number(number: int) -> CaseEntry | None:
    return CaseEntry(number, "") if number else None
