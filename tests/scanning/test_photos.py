import pytest
from PIL import Image

from scanning import photos
from scanning.errors import ImageTooLarge, NoCode, NotAnImage
from scanning.photos import LARGEST_FILE, decode_codes
from tests.scanning.pictures import CODE_128, DATA_MATRIX, QR, as_file, draw_code, draw_tray

LINK = "https://any.host/track/product/PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
GS = "\x1d"
ROTATE_90 = 6


class TestDecodeCodes:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (QR, LINK),
            (DATA_MATRIX, f"01095012345678901{GS}21A1"),
            (CODE_128, "00350123450000000018"),
        ],
        ids=["qr", "data-matrix", "code-128"],
    )
    def test_reads_every_kind_of_label(self, kind, text):
        assert decode_codes(as_file(draw_code(text, kind))) == [text]

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
    def test_reads_every_kind_of_file(self, kind):
        assert decode_codes(as_file(draw_code(LINK), kind)) == [LINK]

    def test_reads_a_tray_row_by_row(self):
        texts = [f"{LINK}?n={number}" for number in range(24)]

        assert decode_codes(as_file(draw_tray(texts))) == texts

    def test_keeps_a_text_that_lies_there_twice(self):
        assert decode_codes(as_file(draw_tray(["15", "15"], columns=2))) == ["15", "15"]

    def test_turns_a_picture_as_its_camera_was_held(self):
        tray = draw_tray(["1", "2", "3", "4"], columns=2)
        exif = Image.Exif()
        exif[0x0112] = ROTATE_90

        held_sideways = as_file(tray.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)

        assert decode_codes(held_sideways) == ["1", "2", "3", "4"]

    def test_reads_a_code_on_transparent_ground(self):
        code = draw_code(LINK)
        picture = Image.merge("LA", (code, code.point(lambda shade: 255 - shade)))

        assert decode_codes(as_file(picture)) == [LINK]

    def test_refuses_a_picture_without_a_code(self):
        with pytest.raises(NoCode, match=r"^No code found in the photo$"):
            decode_codes(as_file(Image.new("RGB", (300, 300), "green")))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"hello",
            b"%PDF-1.7",
            as_file(draw_code(LINK), "TIFF"),
            as_file(draw_code(LINK))[:90],
        ],
        ids=["empty", "text", "pdf", "closed-kind", "cut-off"],
    )
    def test_refuses_what_is_no_picture(self, data):
        with pytest.raises(NotAnImage, match=r"^File is not an image$"):
            decode_codes(data)

    def test_refuses_a_file_over_ten_megabytes(self):
        with pytest.raises(ImageTooLarge, match="larger than 10 MB"):
            decode_codes(bytes(LARGEST_FILE + 1))

    @pytest.mark.parametrize("side", [8_001, 9_500, 14_000], ids=["ours", "warning", "error"])
    def test_refuses_a_small_file_of_too_many_pixels(self, side):
        bomb = as_file(Image.new("1", (side, side)))
        assert len(bomb) < 100_000

        with pytest.raises(ImageTooLarge, match="too many pixels"):
            decode_codes(bomb)

    def test_does_not_unpack_what_it_refuses(self, monkeypatch):
        small = as_file(Image.effect_noise((11, 10), 5))
        monkeypatch.setattr(photos, "MOST_PIXELS", 100)
        monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("unpacked"))

        with pytest.raises(ImageTooLarge):
            decode_codes(small)
