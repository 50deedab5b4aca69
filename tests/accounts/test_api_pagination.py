from base64 import b64encode

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.api.pagination import CursorPages
from accounts.errors import UnknownFilter
from accounts.models import Organization
from tests.accounts.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


class ListView(APIView):
    filterset_class = None


def page(**query):
    request = Request(APIRequestFactory().get("/", query))
    pages = CursorPages()
    rows = pages.paginate_queryset(Organization.objects.all(), request, ListView())
    return rows, pages


class TestCursorPages:
    def test_lead_from_the_newest_to_the_oldest_and_back(self):
        made = [OrganizationFactory().pk for _ in range(5)]

        newest, pages = page(page_size=3)
        cursor = pages.get_next_link().partition("cursor=")[2].partition("&")[0]
        oldest, further = page(page_size=3, cursor=cursor.replace("%3D", "="))

        assert [row.pk for row in [*newest, *oldest]] == made[::-1]
        assert pages.get_previous_link() is None
        assert further.get_next_link() is None
        assert further.get_previous_link()

    def test_refuse_a_query_that_the_list_does_not_know(self):
        with pytest.raises(UnknownFilter):
            page(colour="red")

    @pytest.mark.parametrize("cursor", ["x", b64encode(b"p=yesterday").decode()])
    def test_refuse_a_cursor_that_they_have_not_given(self, cursor):
        with pytest.raises(ValidationError, match="Invalid cursor"):
            page(cursor=cursor)
