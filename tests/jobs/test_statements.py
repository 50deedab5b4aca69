import pytest
from django.db import DataError, IntegrityError, OperationalError, connection

from jobs.statements import copying

ORGANIZATIONS = "COPY accounts_organization (kind, name, slug, email) FROM STDIN"


class TestCopying:
    @pytest.mark.django_db
    def test_writes_rows(self) -> None:
        with copying(ORGANIZATIONS) as copy:
            copy.write("buyer\tBuyer\tbuyer\t\n")

        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM accounts_organization WHERE slug = 'buyer'")
            assert cursor.fetchall() == [("Buyer",)]

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("line", "error"), [("buyer\n", DataError), ("buyer\t\\N\tx\t\n", IntegrityError)]
    )
    def test_raises_the_errors_of_django(self, line: str, error: type[Exception]) -> None:
        with pytest.raises(error), copying(ORGANIZATIONS) as copy:
            copy.write(line)

    @pytest.mark.django_db(transaction=True)
    def test_says_that_the_connection_is_lost(self) -> None:
        lost = "SELECT pg_terminate_backend(pg_backend_pid())"
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute(lost)

        with pytest.raises(OperationalError), copying(ORGANIZATIONS) as copy:
            copy.write("buyer\tBuyer\tbuyer\t\n")
        connection.close()
