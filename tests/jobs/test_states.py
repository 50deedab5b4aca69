import pytest

from jobs.states import State, States
from tests.jobs.sample.models import SAMPLE_STATES


class TestStates:
    @pytest.mark.parametrize("state", list(State))
    def test_finds_the_state_of_each_of_its_words(self, state: State) -> None:
        word = SAMPLE_STATES.word_for(state)

        assert SAMPLE_STATES.state_of(word) is state

    def test_knows_no_state_for_a_foreign_word(self) -> None:
        assert SAMPLE_STATES.state_of("waiting for a bus") is None

    def test_lists_its_words_from_waiting_to_cancelled(self) -> None:
        assert list(SAMPLE_STATES) == ["queued", "running", "completed", "failed", "cancelled"]

    def test_must_be_told_every_word(self) -> None:
        with pytest.raises(TypeError):
            States(waiting="w", active="a", done="d", failed="f")  # type: ignore[call-arg]
