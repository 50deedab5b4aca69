from importlib import import_module
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection

from accounts import ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def portable():
    """The function for servers below PostgreSQL 18, under its own name beside the native one."""
    with connection.cursor() as cursor:
        cursor.execute(ids.PORTABLE_SQL.replace("uuid7()", "portable_uuid7()"))


def make_ids(function: str, count: int = 2000) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}() FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def milliseconds_off(value: UUID) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(%s)) * 1000",
            [value],
        )
        return abs(float(cursor.fetchone()[0]))


@pytest.mark.usefixtures("portable")
@pytest.mark.parametrize("function", ["uuid7", "portable_uuid7"])
class TestUuid7:
    def test_has_version_seven_and_the_rfc_variant(self, function):
        for value in make_ids(function, 50):
            assert value.version == 7
            assert value.variant == "specified in RFC 4122"

    def test_never_repeats(self, function):
        assert len(set(make_ids(function))) == 2000

    def test_carries_the_time(self, function):
        assert milliseconds_off(make_ids(function, 1)[0]) < 1000

    def test_later_statements_get_larger_ids(self, function):
        earlier = make_ids(function, 1)[0]

        later = make_ids(function, 1)[0]

        assert earlier < later


class TestCreateUuid7:
    @pytest.mark.parametrize(
        ("version", "sql"), [(170004, ids.PORTABLE_SQL), (180000, ids.NATIVE_SQL)]
    )
    def test_chooses_the_body_by_the_version_of_the_server(self, version, sql):
        editor = mock.Mock()
        editor.connection.pg_version = version

        ids.create_uuid7(mock.Mock(), editor)

        editor.execute.assert_called_once_with(sql, params=None)

    def test_drops_the_function_when_undone(self):
        editor = mock.Mock()

        ids.drop_uuid7(mock.Mock(), editor)

        editor.execute.assert_called_once_with("DROP FUNCTION uuid7()", params=None)

    def test_comes_before_the_first_table(self):
        migration = import_module("accounts.migrations.0001_initial").Migration

        assert migration.operations[0].code is ids.create_uuid7
