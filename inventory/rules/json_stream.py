"""JSON read value by value: of a list of 100,000 phones only some lie in memory together."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from inventory.errors import BodyNotJson

AT_ONCE = 256 * 1024
_BLANKS = " \t\n\r"
_NUMBER_LETTERS = "0123456789.eE+-"
_decode = json.JSONDecoder().raw_decode


class ValueTooLong(ValueError):
    """One value is longer than any phone can be."""


class ValueUnreadable(ValueError):
    """Well-formed, but nested or numbered beyond what can be read. The reason, for people."""


class JsonText:
    """The text of a body with a place in it; only the part around that place is in memory."""

    def __init__(self, file: IO[bytes], *, longest: int) -> None:
        """`longest`: more letters than this no value of a list may have."""
        self._file = file
        # Some programs on Windows put a mark before UTF-8.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_whole = False
        self._longest = longest

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

    def each_key(self) -> Iterator[str]:
        """The keys of an object; who iterates takes the value of each."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise BodyNotJson
            key = self.read()
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def elements(self) -> Iterator[Any]:
        """The values of a list. Raises what `take_value` raises."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.take_value()
            if self.take(",]") == "]":
                return

    def read(self) -> Any:
        """The next value, which is none of a list. Raises BodyNotJson."""
        try:
            return self.take_value()
        except (ValueTooLong, ValueUnreadable):
            raise BodyNotJson from None

    def skip(self) -> None:
        """Pass by the next value. Raises BodyNotJson."""
        if self.peek() != "[":
            self.read()
            return
        try:
            for _ in self.elements():
                pass
        except (ValueTooLong, ValueUnreadable):
            raise BodyNotJson from None

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
