import pytest

from accounts.models import Organization
from jobs.admin_base import PlainForm, Verb
from jobs.admin_base.bulk import act_on_all
from tests.accounts.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


class TestActOnAll:
    def test_gives_the_keys_to_a_verb_that_acts_on_them_together(self, django_assert_num_queries):
        for name in "cab":
            OrganizationFactory(name=name)
        given = []
        verb = Verb(
            name="close",
            label="Close",
            icon="close",
            effect="",
            done="closed",
            condition="",
            form=PlainForm,
            is_possible=bool,
            candidates=lambda rows: rows,
            act=lambda row, actor, data: pytest.fail("one by one"),
            act_together=lambda keys, actor, data: given.extend(keys) or len(keys),
            limit=2,
        )
        rows = Organization.objects.order_by("name")

        with django_assert_num_queries(1):
            outcome = act_on_all(rows, verb, actor=None, data={})

        assert given == [row.pk for row in rows[:2]]
        assert (outcome.done, outcome.is_cut) == (2, True)
