import pytest
from django.db import connection

from qrtracking.exports.pages import read_pages
from tests.qrtracking.factories import make_generated_batch

pytestmark = pytest.mark.django_db


def cases(batch, *, page_rows):
    return read_pages(
        "export_cases",
        {"batch": batch.pk},
        first_key={"after_case": 0},
        key_of=lambda row: {"after_case": row[0]},
        page_rows=page_rows,
    )


class TestReadPages:
    @pytest.mark.parametrize(("page_rows", "sizes"), [(2, [2, 2, 1]), (5, [5]), (9, [5])])
    def test_gives_each_row_once_and_in_order(self, page_rows, sizes):
        batch = make_generated_batch(units=5, per_case=1)

        pages = list(cases(batch, page_rows=page_rows))

        assert [len(page) for page in pages] == sizes
        assert [row[0] for page in pages for row in page] == [1, 2, 3, 4, 5]

    def test_asks_for_one_page_at_a_time(self, django_assert_num_queries):
        batch = make_generated_batch(units=5, per_case=1)
        pages = cases(batch, page_rows=2)

        with django_assert_num_queries(1):
            next(pages)

    def test_gives_nothing_where_there_is_nothing(self):
        batch = make_generated_batch(units=1)
        batch.cases.all().delete()

        assert list(cases(batch, page_rows=2)) == []


@pytest.mark.django_db(transaction=True)
class TestConnections:
    def test_are_not_held_between_two_pages(self, monkeypatch):
        batch = make_generated_batch(units=5, per_case=1)
        pages = cases(batch, page_rows=2)
        # As in a web process, where connections belong to a pool.
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
        connection.close()

        held = []
        for _page in pages:
            held.append(connection.connection is not None)

        assert held == [False, False, False]
