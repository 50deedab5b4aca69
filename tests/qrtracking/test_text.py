# ruff: noqa: RUF001 - look-alike letters, digits and dashes are what these tests are about
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.text import (
    CaseEntry,
    EntryKind,
    clean,
    count_entries,
    match_key,
    parse_case_entry,
    parse_entries,
    restore_entries,
)

CODE = "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
OTHER_CODE = "PROD-TEA100-MINT-ORD-HM-1125-02-00016-0123456789ab"

fragments = st.sampled_from(
    [
        "15",
        "seq: ",
        "-",
        "–",
        " ",
        "\t",
        ",",
        ";",
        "\r\n",
        "\u2028",
        "?",
        "#",
        "/",
        "%2F",
        "%00",
        "]Q3",
        '"',
        "/track/product/",
        "https://",
        CODE,
        "abc",
        "\u200b",
        "\ufeff",
        "0",
        "１５",
    ]
)
messy_texts = st.one_of(st.text(max_size=60), st.lists(fragments, max_size=12).map("".join))


def one(text):
    entries = parse_entries(text)
    assert len(entries) == 1, entries
    return entries[0]


def described(text):
    return [
        (entry.first, entry.last) if entry.first else (entry.kind.value, entry.text)
        for entry in parse_entries(text)
    ]


class TestCodes:
    @pytest.mark.parametrize(
        "written",
        [
            CODE,
            f"  {CODE}  ",
            f"\t{CODE}\t",
            f"{CODE}\r",
            f"{CODE}\r\n",
            f"\ufeff{CODE}",
            f'"{CODE}"',
            f"'{CODE}'",
            f"“{CODE}”",
            f"]Q3{CODE}",
            f"]d2{CODE}",
            f'"]Q1{CODE}"',
            f"http://any.host/track/product/{CODE}",
            f"https://www.x/track/product/{CODE}/",
            f"https://www.x/track/{CODE}",
            f"https://www.x/track/master/{CODE}/print",
            f"HTTPS://WWW.X/TRACK/PRODUCT/{CODE}",
            f"https://www.x/somewhere/else/{CODE}",
            f"/track/product/{CODE}?utm=1",
            f"/track/product/{CODE}#top",
            f"/track/product/{CODE}/?utm=1#top",
            f"https%3A%2F%2Fwww.x%2Ftrack%2Fproduct%2F{CODE}",
            f"/track/product/{CODE}%00%0D%20",
            CODE.replace("-", "\u2011"),
            CODE.replace("-", "\u2212"),
            CODE.replace("-", "\u00ad-\u200b\u202e"),
        ],
    )
    def test_find_the_code_in_every_wrapping(self, written):
        entry = one(written)

        assert (entry.kind, entry.text) == (EntryKind.CODE, CODE)

    @pytest.mark.parametrize("written", [CODE.upper(), CODE.lower(), CODE.swapcase()])
    def test_keep_the_typed_letter_case_and_match_without_it(self, written):
        entry = one(written)

        assert entry.typed == written
        assert match_key(entry.text) == CODE.upper()

    def test_keep_the_address_as_it_was_typed(self):
        assert one("https://x/track/product/Nope?a=b").typed == "https://x/track/product/Nope?a=b"

    @pytest.mark.parametrize(
        "written",
        [
            "-3",
            "abc",
            "MASTER-ORD-HM-1125-02-CASE-001-9d2aa62ebe41",
            "1234567890",
            "SEQ:x",
            "https://x/track/product/15",
            "SEQ:1234567890",
            "🙂",
            "<b>x</b>",
            "مرحبا",
            "١٥",
        ],
    )
    def test_leave_anything_else_to_the_lookup(self, written):
        assert one(written).kind is EntryKind.CODE

    @pytest.mark.parametrize(
        "empty", ["", " ", '""', "]Q3", ",;\t\r\n\u2028", "?", "#a", "/", "?2"]
    )
    def test_vanish_when_nothing_is_left(self, empty):
        assert parse_entries(empty) == ()


class TestNumbers:
    @pytest.mark.parametrize(
        "written",
        [
            "15",
            "000015",
            "000000015",
            "SEQ:15",
            "seq: 15",
            "Seq : 15",
            "１５",
            "ＳＥＱ：１５",
            '"15"',
            "]Q315",
            "1\u200b5",
            "\u202a15\u202c",
            "15\x1d",
        ],
    )
    def test_are_unit_numbers(self, written):
        entry = one(written)

        assert (entry.kind, entry.first, entry.last) == (EntryKind.SEQUENCE, 15, 15)

    @pytest.mark.parametrize(
        "written",
        ["15-20", "15 – 20", "SEQ:15-20", "seq: 15 - 20", "15—20", "0015-0020", "１５－２０"],
    )
    def test_are_ranges_with_any_dash(self, written):
        entry = one(written)

        assert (entry.kind, entry.first, entry.last) == (EntryKind.RANGE, 15, 20)

    @pytest.mark.parametrize(
        "written", ["20-15", "0", "000", "SEQ:0", "0-5", "1-500000", "1-100001"]
    )
    def test_are_not_found_when_they_name_no_units(self, written):
        entry = one(written)

        assert (entry.kind, entry.typed, entry.first) == (EntryKind.NOT_FOUND, written, 0)

    def test_reach_up_to_100000_units_in_a_range(self):
        assert one("200001-300000").kind is EntryKind.RANGE

    def test_are_not_found_in_a_line_with_a_query(self):
        assert described(f"{CODE}?a=1,2") == [("code", CODE), ("not_found", "2")]

    def test_are_not_found_as_ranges_in_a_line_with_a_fragment(self):
        assert described("x#a;3-4;SEQ:5") == [("code", "x"), ("not_found", "3-4"), (5, 5)]

    def test_count_again_on_the_next_line(self):
        assert described("x?a\n2\r3\u20284") == [("code", "x"), (2, 2), (3, 3), (4, 4)]


class TestSplitting:
    def test_ends_entries_at_commas_semicolons_and_tabs(self):
        assert described("15, 22; 30\t31") == [(15, 15), (22, 22), (30, 30), (31, 31)]

    def test_ends_entries_at_inner_spaces(self):
        assert described(f"15 22  {CODE} 30-31") == [(15, 15), (22, 22), ("code", CODE), (30, 31)]

    def test_keeps_spaces_of_a_number_or_range_only_when_it_is_alone(self):
        assert described("15 - 20 22") == [(15, 15), ("code", "-"), (20, 20), (22, 22)]

    def test_treats_each_text_of_a_list_alone(self):
        assert described([f"{CODE}?a", "2"]) == [("code", CODE), (2, 2)]

    def test_does_not_cut_inside_a_decoded_address(self):
        assert described("https://x/track/product/a%2Cb%09c") == [("code", "a,bc")]


class TestDuplicates:
    def test_merge_numbers_of_every_spelling_and_keep_the_first(self):
        entries = parse_entries("000015, 15, SEQ:15")

        assert [entry.typed for entry in entries] == ["000015"]

    def test_merge_codes_of_every_case_and_wrapping(self):
        entries = parse_entries([CODE.lower(), CODE.upper(), f"https://x/track/product/{CODE}?b=1"])

        assert [entry.typed for entry in entries] == [CODE.lower()]

    def test_merge_equal_ranges(self):
        assert len(parse_entries("15-20; SEQ:15 - 20; 015-020")) == 1

    def test_keep_a_unit_named_in_three_ways_apart(self):
        assert len(parse_entries(f"15-20, SEQ:15, {CODE}, zzz")) == 4

    def test_keep_different_codes(self):
        assert len(parse_entries([CODE, OTHER_CODE])) == 2


class TestProperties:
    @given(messy_texts)
    def test_stored_entries_come_back_unchanged(self, text):
        entries = parse_entries(text)

        assert restore_entries([entry.stored for entry in entries]) == entries

    @given(messy_texts)
    def test_cleaning_twice_changes_nothing(self, text):
        assert clean(clean(text)) == clean(text)

    @given(messy_texts)
    def test_entries_are_unique_and_can_be_stored(self, text):
        entries = parse_entries(text)

        assert len({entry.key for entry in entries}) == len(entries)
        assert all(entry.text and entry.typed for entry in entries)
        assert not any("\0" in entry.stored for entry in entries)
        "".join(entry.stored + entry.text for entry in entries).encode()

    @given(messy_texts)
    def test_no_entry_holds_a_separator(self, text):
        held = "".join(entry.typed + entry.text for entry in parse_entries(text))

        assert not set(held) & set("\t\r\n\u2028")

    @pytest.mark.parametrize(
        ("part", "count"),
        [("]Q3", 100_000), (' "', 150_000), ("x", 300_000), ("/", 300_000), ("%41", 100_000)],
    )
    def test_time_grows_with_the_length_only(self, part, count):
        started = time.process_time()

        parse_entries("seq" + part * count + "x")

        # Its square would take minutes, on the slowest machine too.
        assert time.process_time() - started < 20


numbers = st.integers(min_value=1, max_value=999_999)
# What somebody pastes, with how many units it names.
pasted = st.one_of(
    numbers.map(lambda number: (str(number), 1)),
    numbers.map(lambda number: (f"SEQ:{number}", 1)),
    st.tuples(numbers, st.integers(min_value=0, max_value=99_999)).map(
        lambda pair: (f"{pair[0]}-{pair[0] + pair[1]}", pair[1] + 1)
    ),
    st.sampled_from(
        [CODE, CODE.lower(), OTHER_CODE, f"https://any.host/track/product/{CODE}/"]
    ).map(lambda code: (code, 1)),
    # Named, but found nowhere.
    st.sampled_from(["0", "20-15", "1-500000"]).map(lambda text: (text, 1)),
)
separators = st.sampled_from(["\n", "\r\n", "\t", ",", " ", "; ", " , ", "\u2028"])


class TestCountEntries:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("", 0),
            (" ,;\n\t", 0),
            ("15", 1),
            ("15, 15; SEQ:15", 3),
            ("15-20", 6),
            ("15-20, 15-20", 12),
            ("20-15", 1),
            (f"{CODE}\n{CODE.lower()}", 2),
            (f"{CODE}?a=1,2", 2),
        ],
    )
    def test_counts_what_was_pasted_with_repetitions(self, text, count):
        assert count_entries(text) == count

    @given(st.lists(st.tuples(pasted, separators), max_size=20))
    def test_adds_up_whatever_stands_between(self, parts):
        text = "".join(typed + separator for (typed, _), separator in parts)

        assert count_entries(text) == sum(units for (_, units), _ in parts)

    @given(messy_texts, messy_texts)
    def test_counts_each_text_for_itself(self, text, other):
        assert count_entries(f"{text}\n{other}") == count_entries(text) + count_entries(other)

    @given(messy_texts)
    def test_is_never_less_than_the_units_of_the_unique_entries(self, text):
        entries = parse_entries(text)
        ranges = [entry for entry in entries if entry.kind is EntryKind.RANGE]
        units = sum(entry.last - entry.first + 1 for entry in ranges)

        assert count_entries(text) >= len(entries) - len(ranges) + units
        assert bool(count_entries(text)) == bool(entries)


class TestParseCaseEntry:
    @pytest.mark.parametrize(
        "written", ["CASE:42", "case: 42", "Case : 042", '"CASE:42"', "]Q3CASE:42"]
    )
    def test_reads_a_case_number(self, written):
        assert parse_case_entry(written) == CaseEntry(42, "")

    def test_reads_a_label(self):
        master = "MASTER-ORD-HM-1125-02-CASE-001-9d2aa62ebe41"

        assert parse_case_entry(f"https://x/track/master/{master}/") == CaseEntry(None, master)

    def test_takes_a_bare_number_only_on_pages(self):
        assert parse_case_entry("42") is None
        assert parse_case_entry("42", bare_numbers=True) == CaseEntry(42, "")

    @pytest.mark.parametrize("written", ["", "CASE:0", "0", "1-5", "SEQ:5", "CASE:1,CASE:2", "a b"])
    def test_refuses_what_names_no_one_case(self, written):
        assert parse_case_entry(written, bare_numbers=True) is None


class TestMatchKey:
    def test_changes_ascii_letters_only_like_the_database(self):
        assert match_key("abcß") == "ABCß"
        assert match_key("abc-1") == "ABC-1"
