"""Files of jobs: storage knows no transactions, so what a failed one kept is deleted by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files import File
from django.db.models.fields.files import FieldFile

# keep(field, name, content): store the content as the field's file; the row is not saved by that.
Keep = Callable[[FieldFile, str, "File[Any]"], None]


@contextmanager
def keeping_files() -> Iterator[Keep]:
    """Files that are kept in the block are deleted again when it fails: put its transaction into it.

    Only for names that nobody else keeps a file under.
    """
    kept: list[tuple[Any, str]] = []

    def keep(field: FieldFile, name: str, content: "File[Any]") -> None:
        field.save(name, content, save=False)
        kept.append((field.storage, str(field.name)))

    try:
        yield keep
    except BaseException:
        for storage, name in kept:
            storage.delete(name)
        raise
