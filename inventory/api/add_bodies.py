"""The body of an add, read element by element: 100,000 phones never lie in memory together."""

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.conf import settings

from inventory.api.errors import BodyNotJson
from inventory.errors import ItemNotStorable, ItemsRequired

AT_ONCE = 256 * 1024
# The text of one value may be so much longer than what is stored of it: blanks, escapes.
TEXT_PER_STORED_BYTE = 16
OPTIONS = frozenset(
    ("source", "priority", "batchId", "maxRetries", "validation", "scheduledAt", "undoable")
)
_BLANKS = " \t\n\r"
_NUMBER_LETTERS = "0123456789.eE+-"
_decode = json.JSONDecoder().raw_decode


class ValueTooLong(ValueError):
    """One value is longer than any phone can be."""


class ValueUnreadable(ValueError):
    """Well-formed, but nested or numbered beyond what can be read. The reason, for people."""


class _Text:
    """The text of a body with a place in it; only the part around that place is in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        # Some programs on Windows put a mark before UTF-8.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_whole = False
        self._longest = settings.QUEUE_MAX_ITEM_KB * 1024 * TEXT_PER_STORED_BYTE

    def peek(self) -> str:
        """The next letter that is not blank; empty at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._read_more():
                return ""

    def take(self, letters: str) -> str:
        """The next letter, which must be one of these. Raises BodyNotJson."""
        letter = self.peek()
        if not letter or letter not in letters:
            raise BodyNotJson
        self._at += 1
        return letter

    def take_value(self) -> Any:
        """The next value. Raises BodyNotJson, ValueTooLong, ValueUnreadable."""
        if not self.peek():
            raise BodyNotJson
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._read_on(error)
                continue
            except RecursionError:
                raise ValueUnreadable("it is nested deeper than 32 levels") from None
            except ValueError:
                # More digits than Python reads.
                raise ValueUnreadable("it has a number beyond 1e308") from None
            if self._may_go_on(end) and self._read_more():
                continue
            self._at = end
            return value

    def _may_go_on(self, end: int) -> bool:
        """A number that touches the end of what we have may go on behind it."""
        rest = self._text[end : end + 32]
        return end + len(rest) == len(self._text) and not rest.strip(_NUMBER_LETTERS)

    def _read_on(self, error: json.JSONDecodeError) -> None:
        """The value may end further on; a mistake in it shows when there is enough to see it."""
        if len(self._text) - self._at > self._longest:
            is_unfinished = error.pos > len(self._text) - 16 or error.msg.startswith("Unterminated")
            raise ValueTooLong if is_unfinished else BodyNotJson
        if not self._read_more():
            raise BodyNotJson from None

    def _read_more(self) -> bool:
        if self._is_whole:
            return False
        piece = self._file.read(AT_ONCE)
        self._is_whole = not piece
        try:
            more = self._decoder.decode(piece, final=self._is_whole)
        except UnicodeDecodeError:
            raise BodyNotJson from None
        self._text = self._text[self._at :] + more
        self._at = 0
        return bool(more) or not self._is_whole


class AddBody:
    """What a request asks for, and its items as a stream.

    The whole text is looked through first, because what follows the items concerns them, and so
    that a text that breaks off is told as such before anything is written.
    Raises BodyNotJson, ItemsRequired.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.options: dict[str, Any] = {}
        # Of several lists under the same name the last one counts, as everywhere in JSON.
        self._list_no = 0
        self._has_items = False
        self._look_through()
        if not self._has_items:
            raise ItemsRequired

    def _look_through(self) -> None:
        text = _open(self._file)
        for key in _keys(text):
            is_list = text.peek() == "["
            if key == "items":
                self._list_no += 1
                self._has_items = is_list
                _pass_by(_phones(text) if is_list else [_read(text)])
            elif is_list:
                # No option of ours is a list; that it is one is enough to refuse it.
                self._note(key, [None])
                _skip(text)
            else:
                self._note(key, _read(text))
        if text.peek():
            raise BodyNotJson

    def _note(self, key: str, value: Any) -> None:
        if key in OPTIONS:
            self.options[key] = value

    def items(self) -> Iterator[Any]:
        """Each item as it was posted. Raises ItemNotStorable for what cannot even be read."""
        text = _open(self._file)
        list_no = 0
        for key in _keys(text):
            list_no += key == "items"
            if key == "items" and list_no == self._list_no:
                yield from _phones(text)
                return
            _skip(text)


def _open(file: IO[bytes]) -> _Text:
    """The text of an object; another value has no items. Raises ItemsRequired."""
    file.seek(0)
    text = _Text(file)
    if text.peek() == "{":
        return text
    if text.peek() not in ("", "["):
        _read(text)
        if text.peek():
            raise BodyNotJson
    raise ItemsRequired


def _keys(text: _Text) -> Iterator[str]:
    """The keys of the object; who iterates takes the value of each."""
    text.take("{")
    if text.peek() == "}":
        text.take("}")
        return
    while True:
        if text.peek() != '"':
            raise BodyNotJson
        key = _read(text)
        text.take(":")
        yield key
        if text.take(",}") == "}":
            return


def _elements(text: _Text) -> Iterator[Any]:
    """The values of a list. Raises what `take_value` raises."""
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.take_value()
        if text.take(",]") == "]":
            return


def read_values(file: IO[bytes]) -> Iterator[Any]:
    """The phones of a file that is one list, or has one object after the other.

    Raises BodyNotJson, ItemNotStorable.
    """
    file.seek(0)
    text = _Text(file)
    if text.peek() == "[":
        yield from _phones(text)
        if text.peek():
            raise BodyNotJson
        return
    yield from _numbered(_values(text))


def _values(text: _Text) -> Iterator[Any]:
    while text.peek():
        yield text.take_value()


def _phones(text: _Text) -> Iterator[Any]:
    return _numbered(_elements(text))


def _numbered(phones: Iterator[Any]) -> Iterator[Any]:
    """Says which one cannot be read. Raises ItemNotStorable."""
    index = 0
    try:
        for phone in phones:
            yield phone
            index += 1
    except ValueTooLong:
        raise ItemNotStorable(index, f"it is larger than {settings.QUEUE_MAX_ITEM_KB} KB") from None
    except ValueUnreadable as reason:
        raise ItemNotStorable(index, str(reason)) from None


def _skip(text: _Text) -> None:
    if text.peek() != "[":
        _read(text)
        return
    try:
        _pass_by(_elements(text))
    except (ValueTooLong, ValueUnreadable):
        raise BodyNotJson from None


def _read(text: _Text) -> Any:
    try:
        return text.take_value()
    except (ValueTooLong, ValueUnreadable):
        raise BodyNotJson from None


def _pass_by(values: Iterable[Any]) -> None:
    for _ in values:
        pass
