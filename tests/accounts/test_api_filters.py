import django_filters
import pytest
from django.http import QueryDict

from accounts.api.filters import ChoicesFilter, IntegerFilter, YesNoFilter
from accounts.models import Organization, User


class OrganizationFilter(django_filters.FilterSet):
    kind = ChoicesFilter(choices=[("buyer", "Buyer"), ("dealer", "Dealer")])
    number = IntegerFilter(field_name="slug")


class UserFilter(django_filters.FilterSet):
    is_staff = YesNoFilter()


def where(filters):
    return str(filters.qs.query).partition("WHERE")[2]


class TestFilters:
    def test_take_one_of_several_words_without_sorting(self):
        filters = OrganizationFilter(
            QueryDict("kind=buyer&kind=dealer"), Organization.objects.all()
        )

        assert filters.is_valid()
        assert "buyer" in where(filters)
        assert "dealer" in where(filters)
        assert not filters.qs.query.distinct

    @pytest.mark.parametrize(("word", "value"), [("true", True), ("false", False)])
    def test_take_yes_or_no(self, word, value):
        filters = UserFilter({"is_staff": word}, User.objects.all())

        assert filters.is_valid()
        assert filters.form.cleaned_data["is_staff"] is value

    @pytest.mark.parametrize(
        ("filter_class", "rows", "query"),
        [
            (UserFilter, User.objects.none(), "is_staff=yes"),
            (OrganizationFilter, Organization.objects.none(), "number=1.5"),
            (OrganizationFilter, Organization.objects.none(), "kind=other"),
        ],
    )
    def test_refuse_the_rest(self, filter_class, rows, query):
        assert not filter_class(QueryDict(query), rows).is_valid()
