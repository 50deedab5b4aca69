import pytest

from inventory.rules.working import read_working, token_of

YES_WORDS = ["YES", "y", "True", "1", "pass", "PASSED", "good", "Fully  functional", True, 1]
NO_WORDS = ["NO", "n", "False", "0", "fail", "FAILED", "bad", False, 0]


class TestTokenOf:
    @pytest.mark.parametrize("word", YES_WORDS)
    def test_knows_what_says_yes(self, word):
        assert token_of(word) is True

    @pytest.mark.parametrize("word", NO_WORDS)
    def test_knows_what_says_no(self, word):
        assert token_of(word) is False

    @pytest.mark.parametrize("word", ["UNKNOWN", "NOT TESTED", "no failures", "YES!", 2, None, []])
    def test_takes_whole_words_only(self, word):
        assert token_of(word) is None


class TestReadWorking:
    @pytest.mark.parametrize("failed", ["NO", None])
    @pytest.mark.parametrize("working", ["YES", "Pass", True])
    def test_passes_what_works(self, working, failed):
        answer = read_working(working, failed)

        assert (answer.status, answer.test_result, answer.note) == ("YES", "PASSED", None)

    @pytest.mark.parametrize("failed", ["NO", "YES", None])
    @pytest.mark.parametrize("working", ["NO", False])
    def test_fails_what_does_not(self, working, failed):
        answer = read_working(working, failed)

        assert (answer.status, answer.test_result) == ("NO", "FAILED")

    def test_believes_the_failure_when_both_say_yes(self):
        answer = read_working("YES", "YES")

        assert (answer.status, answer.test_result) == ("NO", "FAILED")
        assert answer.note.code == "working_failed_conflict"

    def test_keeps_defects_of_what_works(self):
        answer = read_working("YES", "Face ID")

        assert (answer.status, answer.test_result, answer.defects) == ("YES", "PASSED", "Face ID")

    @pytest.mark.parametrize(
        ("failed", "defects"), [("YES", None), ("Face ID,Rear Camera", "Face ID,Rear Camera")]
    )
    def test_fails_what_is_only_said_to_have_failed(self, failed, defects):
        answer = read_working(None, failed)

        assert (answer.status, answer.test_result, answer.defects) == ("NO", "FAILED", defects)

    @pytest.mark.parametrize("failed", ["NO", None, "N/A"])
    @pytest.mark.parametrize("working", [None, "UNKNOWN", "NOT TESTED"])
    def test_leaves_open_what_nothing_decides(self, working, failed):
        answer = read_working(working, failed)

        assert (answer.status, answer.test_result, answer.is_given) == ("PENDING", "PENDING", False)
