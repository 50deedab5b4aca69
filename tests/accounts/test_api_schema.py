import pytest
from drf_spectacular.generators import SchemaGenerator

from accounts.api.schema import ErrorSerializer

pytestmark = pytest.mark.urls("tests.accounts.sample_api")


class TestSchema:
    @pytest.fixture
    def schema(self):
        return SchemaGenerator().get_schema(request=None, public=True)

    def test_describes_the_bearer_token(self, schema):
        assert schema["components"]["securitySchemes"]["bearerAuth"] == {
            "type": "http",
            "scheme": "bearer",
        }

    def test_lets_contract_paths_use_token_or_cookie(self, schema):
        security = schema["paths"]["/contract/who"]["get"]["security"]

        assert {"bearerAuth": []} in security
        assert {"sameOriginCookieAuth": []} in security

    def test_tells_of_every_operation_that_it_may_be_refused(self, schema):
        operations = [operation for path in schema["paths"].values() for operation in path.values()]

        refusals = [operation["responses"]["4XX"] for operation in operations]

        assert refusals
        assert all(refusal == {"$ref": "#/components/responses/Error"} for refusal in refusals)
        assert "Error" in schema["components"]["responses"]


class TestErrorSerializer:
    def test_has_the_names_of_the_error_body(self):
        assert list(ErrorSerializer().fields) == ["error", "code", "fields"]
