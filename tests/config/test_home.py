import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.accounts.factories import OrganizationFactory, make_member

pytestmark = pytest.mark.django_db


class TestHome:
    def test_asks_anonymous_people_to_sign_in(self, client: Client) -> None:
        assert client.get("/").headers["Location"] == "/login?next=/"

    def test_leads_staff_to_the_admin(self, admin_client: Client) -> None:
        assert admin_client.get("/").headers["Location"] == "/admin/"

    def test_leads_everybody_else_to_the_scan_pages(self, client: Client) -> None:
        client.force_login(get_user_model().objects.create_user("operator"))

        assert client.get("/").headers["Location"] == reverse("scan:home")

    @pytest.mark.parametrize(
        ("kind", "role", "page"),
        [
            ("warehouse", "operator", "intake:station"),
            ("warehouse", "viewer", "scan:home"),
            ("manufacturer", "operator", "scan:home"),
        ],
    )
    def test_leads_people_of_a_warehouse_to_the_intake(
        self, client: Client, kind: str, role: str, page: str
    ) -> None:
        client.force_login(make_member(role, organization=OrganizationFactory(kind=kind)))

        assert client.get("/").headers["Location"] == reverse(page)
