import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("tests.accounts.sample_api")


class TestJSONObjectParser:
    def post(self, body):
        return APIClient().post("/json-orders", body, content_type="application/json")

    def test_accepts_an_object(self):
        assert self.post('{"name": "a"}').json() == {"ok": True}

    @pytest.mark.parametrize("body", ["[]", '["a"]', '"text"', "5", "null", "true"])
    def test_refuses_any_other_value(self, body):
        response = self.post(body)

        assert response.status_code == 400
        assert response.json() == {
            "error": "Request body must be a JSON object",
            "code": "invalid_body",
        }

    @pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000])
    def test_refuses_what_python_cannot_read(self, body):
        response = self.post(body)

        assert response.status_code == 400
        assert response.json() == {"error": "Invalid JSON body", "code": "invalid_json"}
