"""The body of an add, read element by element: 100,000 phones never lie in memory together."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.conf import settings

from inventory.errors import BodyNotJson, ItemNotStorable, ItemsRequired
from inventory.rules.json_stream import JsonText, ValueTooLong, ValueUnreadable

# The text of one value may be so much longer than what is stored of it: blanks, escapes.
TEXT_PER_STORED_BYTE = 16
OPTIONS = frozenset(
    ("source", "priority", "batchId", "maxRetries", "validation", "scheduledAt", "undoable")
)


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
        for key in text.each_key():
            is_list = text.peek() == "["
            if key == "items":
                self._list_no += 1
                self._has_items = is_list
                _pass_by(_phones(text) if is_list else [text.read()])
            elif is_list:
                # No option of ours is a list; that it is one is enough to refuse it.
                self._note(key, [None])
                text.skip()
            else:
                self._note(key, text.read())
        if text.peek():
            raise BodyNotJson

    def _note(self, key: str, value: Any) -> None:
        if key in OPTIONS:
            self.options[key] = value

    def items(self) -> Iterator[Any]:
        """Each item as it was posted. Raises ItemNotStorable for what cannot even be read."""
        text = _open(self._file)
        list_no = 0
        for key in text.each_key():
            list_no += key == "items"
            if key == "items" and list_no == self._list_no:
                yield from _phones(text)
                return
            text.skip()


def _open(file: IO[bytes]) -> JsonText:
    """The text of an object; another value has no items. Raises ItemsRequired."""
    file.seek(0)
    text = JsonText(file, longest=_longest())
    if text.peek() == "{":
        return text
    if text.peek() not in ("", "["):
        text.read()
        if text.peek():
            raise BodyNotJson
    raise ItemsRequired


def read_values(file: IO[bytes]) -> Iterator[Any]:
    """The phones of a file that is one list, or has one object after the other.

    Raises BodyNotJson, ItemNotStorable.
    """
    file.seek(0)
    text = JsonText(file, longest=_longest())
    if text.peek() == "[":
        yield from _phones(text)
        if text.peek():
            raise BodyNotJson
        return
    yield from _numbered(_values(text))


def _values(text: JsonText) -> Iterator[Any]:
    while text.peek():
        yield text.take_value()


def _phones(text: JsonText) -> Iterator[Any]:
    return _numbered(text.elements())


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


def _pass_by(values: Iterable[Any]) -> None:
    for _ in values:
        pass


def _longest() -> int:
    return int(settings.QUEUE_MAX_ITEM_KB) * 1024 * TEXT_PER_STORED_BYTE
