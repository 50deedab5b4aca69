from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.selectors import Failure, group_failures
from tests.jobs.factories import SampleJobFactory
from tests.jobs.sample.models import SampleJob

pytestmark = pytest.mark.django_db


def groups(**options) -> list[tuple[str, int]]:
    return [(f.code, f.number) for f in group_failures(SampleJob.objects.all(), **options)]


class TestGroupFailures:
    def test_counts_failed_jobs_by_code_the_most_frequent_first(self):
        SampleJobFactory(failed=True, error_code="b")
        SampleJobFactory.create_batch(2, failed=True, error_code="c")
        SampleJobFactory(failed=True, error_code="a")
        SampleJobFactory(status="completed", error_code="c")

        assert groups() == [("c", 2), ("a", 1), ("b", 1)]

    def test_reads_the_newest_only(self):
        now = timezone.now()
        SampleJobFactory(failed=True, error_code="old", created_at=now - timedelta(days=1))
        SampleJobFactory(failed=True, error_code="new", created_at=now)

        assert groups(limit=1) == [("new", 1)]

    def test_tells_when_it_happened_last(self):
        job = SampleJobFactory(failed=True, error_code="a")
        job.refresh_from_db()

        assert group_failures(SampleJob.objects.all()) == [Failure("a", 1, job.updated_at)]

    def test_reads_nothing_for_people_who_see_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert group_failures(SampleJob.objects.none()) == []
