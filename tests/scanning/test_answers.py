import pytest

from scanning.answers import PARAMETER, Answer, cut, keep_answer, read_answer


@pytest.fixture
def request_of(rf):
    """A request of the one session that all share."""
    session = {}

    def make(address="/"):
        request = rf.get(address)
        request.session = session
        return request

    return make


class TestReadAnswer:
    def test_gives_what_was_kept_again_and_again(self, request_of):
        answer = Answer("ok", "NEW", notes=("iPhone 13",), word="Undo")
        query = keep_answer(request_of(), answer)

        shown = [read_answer(request_of(f"/{query}")) for _ in range(2)]

        assert [(one.title, one.word, tuple(one.notes)) for one in shown] == [
            ("NEW", "Undo", ("iPhone 13",))
        ] * 2

    def test_gives_none_to_an_older_page(self, request_of):
        older = keep_answer(request_of(), Answer("ok", "first"))
        keep_answer(request_of(), Answer("ok", "second"))

        assert read_answer(request_of(f"/{older}")) is None

    @pytest.mark.parametrize("address", ["/", f"/?{PARAMETER}=", f"/?{PARAMETER}=x"])
    def test_gives_none_where_none_was_asked_for(self, request_of, address):
        assert read_answer(request_of(address)) is None


class TestCut:
    @pytest.mark.parametrize(("length", "shown"), [(60, 60), (61, 60), (500, 60)])
    def test_keeps_what_the_band_has_room_for(self, length, shown):
        assert len(cut("x" * length)) == shown
