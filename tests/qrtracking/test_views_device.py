import pytest
from django.urls import reverse

from accounts.models import Role
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.pages import log_in, words

pytestmark = pytest.mark.django_db


class TestDeviceView:
    @pytest.mark.parametrize("role", Role)
    def test_is_open_to_every_member(self, role):
        response = log_in(role, OrganizationFactory()).get(reverse("scan:device"))

        assert "Nothing is packed or changed on this page." in words(response)
        assert "These tests need JavaScript." in words(response)

    def test_is_linked_from_the_scan_pages(self):
        response = log_in(Role.VIEWER, OrganizationFactory()).get(reverse("scan:home"))

        assert f'href="{reverse("scan:device")}"' in response.text

    def test_loads_all_its_parts_from_this_host(self):
        response = log_in(Role.VIEWER, OrganizationFactory()).get(reverse("scan:device"))

        assert response.text.count("<script") == response.text.count('<script src="/static/')
        assert "style=" not in response.text
