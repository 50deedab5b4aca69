"""The words of a scan, and the answer that the stored words stand for."""

import pytest

from qrtracking import errors
from qrtracking.rules import scan_words
from qrtracking.rules.scan_words import Command, ScanAnswer, answer_of, command_of


class TestAnswerOf:
    @pytest.mark.parametrize(
        "message",
        [
            scan_words.on_own_list(15),
            scan_words.on_list_of(15, "Ann Lee"),
            scan_words.packed_in(3),
            "Case already marked perfect",
            str(errors.CaseFull()),
        ],
    )
    def test_calls_it_a_duplicate(self, message):
        assert answer_of(is_refused=True, message=message) is ScanAnswer.DUPLICATE

    @pytest.mark.parametrize(
        "message", [str(errors.OrderLocked()), str(errors.BatchNotReady("completed"))]
    )
    def test_calls_it_locked(self, message):
        assert answer_of(is_refused=True, message=message) is ScanAnswer.LOCKED

    @pytest.mark.parametrize(
        "message",
        [
            scan_words.SPOILED,
            scan_words.unknown_code("Already packed in Case #3"),
            scan_words.unknown_code("https://any.host/Already packed in Case #3"),
            scan_words.not_available(15, "used_ok"),
            "Nothing to undo",
        ],
    )
    def test_calls_everything_else_wrong(self, message):
        assert answer_of(is_refused=True, message=message) is ScanAnswer.WRONG

    def test_calls_it_ok_whatever_the_words(self):
        assert answer_of(is_refused=False, message="Already packed in") is ScanAnswer.OK


class TestCommandOf:
    @pytest.mark.parametrize("text", ["UNDO", " undo ", "\ufeffUndo\r"])
    def test_knows_undo(self, text):
        assert command_of(text) is Command.UNDO

    @pytest.mark.parametrize("text", ["CLOSE CASE", "close\tcase", "Close  Case"])
    def test_knows_close_case(self, text):
        assert command_of(text) is Command.CLOSE_CASE

    @pytest.mark.parametrize("text", ["", "UNDO1", "CLOSE", "CASE:7", "7"])
    def test_knows_nothing_else(self, text):
        assert command_of(text) is None


class TestPacked:
    @pytest.mark.parametrize(
        ("numbers", "words"),
        [
            ((1, 9, 0, ""), "Case #7: 1 unit packed. 9 to go."),
            ((1000, 0, 0, ""), "Case #7: 1,000 units packed. It is full."),
            ((9, 0, 1, ""), "Case #7: 9 units packed. It is full. 1 unit stays on your list."),
            (
                (9, 1, 2, "2 wrong variant"),
                "Case #7: 9 units packed. 1 to go. 2 units stay on your list: 2 wrong variant.",
            ),
        ],
    )
    def test_says_what_went_in_and_what_did_not(self, numbers, words):
        count, room, left, reasons = numbers

        assert words == scan_words.packed(
            case_number=7, count=count, room=room, left=left, reasons=reasons
        )


class TestUnknownCode:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("zzz", "zzz"),
            ("https://any.host/track/product/PROD-1?utm=1", "PROD-1"),
            ("/track/master/MASTER-1/", "MASTER-1"),
            ("a/b", "a/b"),
            ("https://any.host/1 https://any.host/2", "https://any.host/1 https://any.host/2"),
            (" two\n lines ", "two lines"),
        ],
    )
    def test_names_the_code_and_not_its_address(self, text, shown):
        expected = f"Unknown code: {shown}. Scan again or type SEQ:<number>."

        assert scan_words.unknown_code(text) == expected
