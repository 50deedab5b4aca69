import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.labels import Label, case_label, unit_label
from qrtracking.rules.layouts import LAYOUTS
from qrtracking.rules.zpl import escape, render_zpl, symbol_size

CODE = "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
UNIT = unit_label(
    base_url="https://x.example",
    code=CODE,
    order_no="ORD-HM-1125-02",
    sequence=15,
    variant="MINT",
    case=1,
)
CASE = case_label(
    base_url="https://x.example",
    code="MASTER-ORD-HM-1125-02-CASE-001-9d2aa62ebe41",
    order_no="ORD-HM-1125-02",
    case=1,
    contents={"MINT": 60, "JAS-204518": 40},
    sscc="006141411234567890",
)
FIELD = re.compile(r"\^FO(\d+),(\d+)\^A0N,(\d+),\d+\^FH_\^FD(.*?)\^FS")
QR = re.compile(r"\^FO(\d+),(\d+)\^BQN,2,(\d+)\^FH_\^FDMA,(.*?)\^FS")


def unescape(text: str) -> str:
    """What the printer reads."""
    pieces = re.sub("_([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
    return pieces.encode("latin-1").decode()


def texts_of(zpl: str) -> list[str]:
    """In the order of their lines; a bold line is printed twice."""
    return list(dict.fromkeys(unescape(field[4]) for field in FIELD.finditer(zpl)))


class TestRenderZpl:
    @pytest.mark.parametrize("label", [UNIT, CASE])
    def test_has_the_address_in_the_code(self, label):
        assert [unescape(code[4]) for code in QR.finditer(render_zpl([label]))] == [label.content]

    @pytest.mark.parametrize("label", [UNIT, CASE])
    def test_has_every_word_of_the_label(self, label):
        printed, wanted = "".join(texts_of(render_zpl([label]))), "".join(label.lines)

        assert printed.replace(" ", "") == wanted.replace(" ", "")

    def test_is_one_format_a_label(self):
        zpl = render_zpl([UNIT, CASE])

        assert re.findall(r"\^XA|\^XZ", zpl) == ["^XA", "^XZ", "^XA", "^XZ"]
        assert render_zpl([]) == ""

    def test_prints_as_many_copies_as_wanted(self):
        assert "^PQ3^XZ" in render_zpl([CASE], copies=3)

    @pytest.mark.parametrize(
        ("dots_per_inch", "size"), [(203, "^PW479^LL319"), (300, "^PW708^LL472")]
    )
    def test_tells_the_printer_the_size_of_the_label(self, dots_per_inch, size):
        assert size in render_zpl([UNIT], dots_per_inch=dots_per_inch)

    @pytest.mark.parametrize("layout", LAYOUTS)
    @pytest.mark.parametrize("dots_per_inch", [203, 300])
    @pytest.mark.parametrize("label", [UNIT, CASE])
    def test_keeps_the_code_and_its_quiet_zone_on_the_label(self, layout, dots_per_inch, label):
        zpl = render_zpl([label], layout=LAYOUTS[layout], dots_per_inch=dots_per_inch)

        left, top, module = map(int, QR.search(zpl).groups()[:3])
        width, height = map(int, re.search(r"\^PW(\d+)\^LL(\d+)", zpl).groups())
        side, quiet = symbol_size(label.content) * module, 4 * module
        assert min(left, top) >= quiet
        assert left + side + quiet <= min(width, *(int(field[1]) for field in FIELD.finditer(zpl)))
        assert top + side + quiet <= height

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_keeps_the_text_on_the_label(self, layout):
        zpl = render_zpl([CASE], layout=LAYOUTS[layout])

        width, height = map(int, re.search(r"\^PW(\d+)\^LL(\d+)", zpl).groups())
        for left, top, size, text in FIELD.findall(zpl):
            assert int(top) + int(size) <= height
            assert int(left) + 0.6 * int(size) * len(unescape(text)) <= width + 1

    def test_prints_the_bold_line_twice_a_dot_apart(self):
        fields = [field for field in FIELD.findall(render_zpl([UNIT])) if field[3] == "#15"]

        (first, second) = fields
        assert (int(second[0]) - int(first[0]), second[1:]) == (1, first[1:])

    @given(st.text(max_size=200), st.text(max_size=40))
    def test_never_lets_a_text_become_a_command(self, content, line):
        zpl = render_zpl([Label(f"x{content}", (line,))])

        commands = set(re.findall(r"[\^~]..", zpl))
        assert commands <= {
            "^XA",
            "^CI",
            "^PW",
            "^LL",
            "^LH",
            "^FO",
            "^BQ",
            "^A0",
            "^FH",
            "^FD",
        } | {
            "^FS",
            "^PQ",
            "^XZ",
        }
        assert [unescape(code[4]) for code in QR.finditer(zpl)] == [f"x{content}"]

    def test_refuses_what_no_code_holds(self):
        with pytest.raises(ValueError, match="too long for a QR code"):
            render_zpl([Label("x" * 2332, ())])

    def test_refuses_what_no_code_of_this_size_holds(self):
        with pytest.raises(ValueError, match="of this size"):
            render_zpl([Label("x" * 2331, ())], layout=LAYOUTS["a4_65"])


class TestSymbolSize:
    @pytest.mark.parametrize(
        ("length", "modules"), [(1, 21), (14, 21), (15, 25), (84, 37), (85, 41), (2331, 177)]
    )
    def test_is_that_of_the_smallest_version(self, length, modules):
        assert symbol_size("x" * length) == modules

    def test_counts_bytes_not_characters(self):
        assert symbol_size("é" * 8) == symbol_size("x" * 16)


class TestEscape:
    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("PROD-1 #15", "PROD-1 #15"),
            ("^XA~JA", "_5EXA_7EJA"),
            ("a_b\\c", "a_5Fb_5Cc"),
            ("Käse", "K_C3_A4se"),
            ("a\nb", "a_0Ab"),
        ],
    )
    def test_keeps_plain_text_and_hides_the_rest(self, text, escaped):
        assert escape(text) == escaped
