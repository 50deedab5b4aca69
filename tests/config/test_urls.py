import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


class TestSchema:
    def test_is_served_as_openapi_3(self, client: Client) -> None:
        response = client.get("/api/schema", headers={"accept": "application/json"})

        assert response.status_code == 200
        assert response.json()["openapi"].startswith("3.")

    def test_names_no_path_with_a_trailing_slash(self, client: Client) -> None:
        paths = client.get("/api/schema", headers={"accept": "application/json"}).json()["paths"]

        assert [path for path in paths if path.endswith("/")] == []


class TestApiDocs:
    def test_bring_their_scripts_along(self, client: Client) -> None:
        page = client.get("/api/docs").content.decode()

        assert "swagger-ui-bundle.js" in page
        assert "https://" not in page.replace("https://github.com", "")

    def test_have_no_inline_script(self, client: Client) -> None:
        page = client.get("/api/docs").content.decode()

        assert "<script>" not in page


class TestAdmin:
    def test_shows_its_index_to_staff(self, admin_client: Client) -> None:
        response = admin_client.get("/admin/")

        assert response.status_code == 200
        assert "Batchworks" in response.content.decode()

    def test_asks_anonymous_people_to_sign_in(self, client: Client) -> None:
        response = client.get("/admin/")

        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")


class TestBadRequestPage:
    def test_looks_like_the_product_for_a_host_that_is_not_ours(self, client: Client) -> None:
        response = client.get("/login", headers={"Host": "evil.example"})

        assert response.status_code == 400
        assert "This request cannot be read" in response.text
