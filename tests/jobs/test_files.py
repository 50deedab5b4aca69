import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.db import models

from jobs.files import keeping_files


class Letter:
    file = None


@pytest.fixture
def field():
    """A row's field for a file, of no table."""
    column = models.FileField(upload_to="letters/", storage=InMemoryStorage())
    column.set_attributes_from_name("file")
    return column.attr_class(Letter(), column, "")


def files_of(field) -> list[str]:
    return field.storage.listdir("letters")[1] if field.storage.exists("letters") else []


class TestKeepingFiles:
    def test_keeps_them(self, field):
        with keeping_files() as keep:
            keep(field, "one.txt", ContentFile(b"1"))

        assert files_of(field) == ["one.txt"]
        assert field.name == "letters/one.txt"

    # KeyboardInterrupt: a worker that is told to stop.
    @pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
    def test_deletes_them_when_the_block_fails(self, field, failure):
        field.storage.save("letters/before.txt", ContentFile(b"0"))

        with pytest.raises(failure), keeping_files() as keep:  # noqa: PT012 (the file comes first)
            keep(field, "one.txt", ContentFile(b"1"))
            assert files_of(field) == ["before.txt", "one.txt"]
            raise failure

        assert files_of(field) == ["before.txt"]
