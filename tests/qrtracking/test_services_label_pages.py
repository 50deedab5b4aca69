"""From a wish for labels to a file of which every page was read back."""

import pytest

from qrtracking.models import LabelPage, LabelSheet
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.labels import finished, read_pdf

pytestmark = pytest.mark.django_db


def content_of(sheet: LabelSheet) -> bytes:
    with sheet.file.open("rb") as file:
        return file.read()


class TestRunStep:
    def test_makes_a_file_with_every_code_once(self):
        batch = make_generated_batch(units=150, per_case=50)

        sheet = finished(batch, from_number=3, to_number=140)

        assert (sheet.status, sheet.progress) == ("completed", 100)
        assert (sheet.label_count, sheet.page_count, sheet.verified_count) == (138, 3, 3)
        pages = read_pdf(content_of(sheet))
        assert [len(page) for page in pages] == [65, 65, 8]
        units = batch.units.filter(sequence_number__range=(3, 140))
        assert sorted(sum(pages, [])) == sorted(
            f"http://testserver/track/product/{code}"
            for code in units.values_list("code", flat=True)
        )
        assert not LabelPage.objects.filter(sheet=sheet).exists()
