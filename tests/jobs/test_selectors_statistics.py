import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Organization
from jobs.models import OutboxMessage
from jobs.selectors import capped, list_job_types_with_load, list_loads
from jobs.selectors.scalars import count_each, read_scalars
from tests.accounts.factories import UserFactory
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.sample.models import SampleJob

pytestmark = pytest.mark.django_db


class TestListLoads:
    def test_shows_the_anonymous_empty_tables(self):
        SampleJobFactory(failed=True)

        (load,) = list_loads(user=AnonymousUser(), models=[SampleJob])

        assert (load.waiting, load.failed, load.oldest_due, load.success_rate) == (0, 0, None, None)

    def test_reads_all_tables_at_once(self, django_assert_num_queries):
        user = UserFactory(superuser=True)
        SampleJobFactory()
        OutboxMessageFactory.create_batch(2)

        # Now, and what ended.
        with django_assert_num_queries(2):
            loads = list_loads(user=user, models=[OutboxMessage, SampleJob])

        assert [load.waiting for load in loads] == [2, 1]

    def test_reads_nothing_without_tables(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert list_loads(user=UserFactory.build(superuser=True), models=[]) == []


class TestListJobTypesWithLoad:
    def test_knows_every_registered_type(self):
        names = [load.name for load in list_job_types_with_load(user=AnonymousUser())]

        assert {"jobs.outboxmessage", "sample.samplejob:count"} <= set(names)
        assert names == sorted(names)


class TestCountEach:
    def test_counts_up_to_its_limit(self):
        SampleJobFactory.create_batch(4)
        jobs = SampleJob.objects.order_by("pk")

        counts = count_each(
            {
                "few": jobs.filter(pk=jobs[0].pk),
                "many": jobs,
                "none": jobs.none(),
                "failed": jobs.filter(status="failed"),
            },
            limit=2,
        )

        assert counts == {"few": 1, "many": 3, "none": 0, "failed": 0}

    def test_passes_values_as_parameters(self):
        SampleJobFactory(fault="100 % 'quoted'")

        assert count_each({"odd": SampleJob.objects.filter(fault="100 % 'quoted'")}, limit=9) == {
            "odd": 1
        }


class TestReadScalars:
    def test_takes_several_querysets_in_one_text(self):
        SampleJobFactory(priority=3)
        SampleJobFactory(priority=7)
        values = SampleJob.objects.order_by("priority").values("priority")

        read = read_scalars({"sum": ("SELECT ({}) + ({})", [values[:1], values[1:2]])})

        assert read == {"sum": 10}
        assert Organization.objects.count() == 2


class TestCapped:
    @pytest.mark.parametrize(
        ("count", "text"), [(0, "0"), (1_234, "1,234"), (9_999, "9,999"), (10_000, "9,999+")]
    )
    def test_says_where_it_stopped(self, count, text):
        assert capped(count) == text
