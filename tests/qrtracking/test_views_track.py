"""The addresses on stickers, opened by the camera of any phone."""

from urllib.parse import unquote

import pytest

from accounts.models import Role
from qrtracking.models import MasterCode, UnitCode
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import log_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return make_generated_batch(units=10, per_case=10, order_no="ORD-HM-1125-02")


@pytest.fixture(params=["product", "master"])
def sticker(request, batch):
    if request.param == "product":
        return f"/track/product/{UnitCode.objects.get(batch=batch, sequence_number=1).code}"
    return f"/track/master/{MasterCode.objects.get(batch=batch).master_code}"


class TestTrack:
    @pytest.mark.parametrize("ending", ["", "/", "?utm_source=x"])
    def test_leads_a_member_to_the_scan_page(self, batch, sticker, ending):
        viewer = log_in(Role.VIEWER, batch.organization)

        response = viewer.get(sticker + ending, follow=True)

        assert response.redirect_chain[0][0].startswith(f"/scan/b/{batch.pk}/?answer=")
        assert 'class="band ok"' in response.text

    def test_leads_strangers_to_the_login_and_back(self, client, sticker):
        response = client.get(sticker)

        assert response.status_code == 302
        assert unquote(response["Location"]) == f"/login?next={sticker}"

    def test_tells_outsiders_nothing(self, batch, sticker):
        outsider = log_in(Role.OWNER, OrganizationFactory())

        text = words(outsider.get(sticker, follow=True))

        assert "This code is not known in your organization." in text

    @pytest.mark.parametrize("code", ["zzz", "15", "x" * 501, "a/b", "%3Cb%3E"])
    def test_is_calm_about_what_is_no_label(self, batch, code):
        viewer = log_in(Role.VIEWER, batch.organization)

        response = viewer.get(f"/track/product/{code}", follow=True)

        assert "This code is not known in your organization." in words(response)
        assert "<b>" not in response.text

    def test_takes_no_form(self, batch, sticker):
        assert log_in(Role.OWNER, batch.organization).post(sticker).status_code == 405
