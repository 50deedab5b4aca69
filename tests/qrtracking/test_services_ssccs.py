"""Shipping numbers on the real database: each given once, and found again when scanned."""

from functools import partial

import pytest

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors.sscc import SsccPrefixMissing, SsccSerialsUsedUp
from qrtracking.models import BatchStatus, MasterCode, SsccCounter
from qrtracking.rules.sscc import is_sscc
from qrtracking.rules.text import parse_case_entry
from qrtracking.selectors.scan import find_label
from qrtracking.services.case_locks import find_case, lock_case
from qrtracking.services.ssccs import assign_ssccs
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of
from tests.qrtracking.test_linking_concurrency import at_once

pytestmark = pytest.mark.django_db

NUMBERED = ["generated", "printing", "in_production", "completed"]


@pytest.fixture
def batch():
    """Three cases."""
    return make_generated_batch(units=30, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


@pytest.fixture
def counter(batch):
    return SsccCounter.objects.create(
        organization=batch.organization,
        company_prefix="0614141",
        extension_digit=1,
        next_serial=234567890,
    )


def numbers_of(batch):
    cases = MasterCode.objects.filter(batch=batch).order_by("case_number")
    return list(cases.values_list("sscc", flat=True))


class TestAssignSsccs:
    def test_numbers_the_cases_in_their_order(self, batch, actor, counter):
        assignment = assign_ssccs(actor=actor, batch_id=batch.pk)

        assert numbers_of(batch) == assignment.ssccs
        assert assignment.ssccs == [
            "106141412345678908",
            "106141412345678915",
            "106141412345678922",
        ]
        assert all(map(is_sscc, assignment.ssccs))
        assert (assignment.first_sscc, assignment.last_sscc) == tuple(assignment.ssccs[::2])

    def test_goes_on_where_the_counter_stands(self, batch, actor, counter):
        assign_ssccs(actor=actor, batch_id=batch.pk)

        counter.refresh_from_db()
        assert counter.next_serial == 234567893

    def test_leaves_numbered_cases_as_they_are(self, batch, actor, counter):
        MasterCode.objects.filter(batch=batch, case_number=2).update(sscc="000000000000000000")

        assignment = assign_ssccs(actor=actor, batch_id=batch.pk)

        assert (assignment.assigned_count, assignment.kept_count) == (2, 1)
        assert numbers_of(batch)[1] == "000000000000000000"

    def test_changes_nothing_the_second_time(self, batch, actor, counter):
        assign_ssccs(actor=actor, batch_id=batch.pk)
        before = numbers_of(batch)

        again = assign_ssccs(actor=actor, batch_id=batch.pk)

        assert (again.ssccs, again.kept_count) == ([], 3)
        assert (again.first_sscc, again.last_sscc) == (None, None)
        assert numbers_of(batch) == before

    def test_gives_no_number_twice(self, batch, actor, counter):
        other = make_generated_batch(units=30, per_case=10, organization=batch.organization)
        first = assign_ssccs(actor=actor, batch_id=batch.pk)
        MasterCode.objects.filter(batch=batch).delete()

        second = assign_ssccs(actor=actor, batch_id=other.pk)

        assert not set(first.ssccs) & set(second.ssccs)

    @pytest.mark.parametrize("next_serial", [0, 1, 234567891])
    def test_gives_no_number_twice_when_the_counter_was_set_back(
        self, batch, actor, counter, next_serial
    ):
        other = make_generated_batch(units=30, per_case=10, organization=batch.organization)
        first = assign_ssccs(actor=actor, batch_id=batch.pk)
        SsccCounter.objects.update(next_serial=next_serial)

        second = assign_ssccs(actor=actor, batch_id=other.pk)

        assert second.first_sscc > first.last_sscc

    def test_takes_as_many_statements_for_many_cases(
        self, batch, actor, counter, django_assert_num_queries
    ):
        many = make_generated_batch(units=500, per_case=1, organization=batch.organization)
        manager = make_member(organization=batch.organization)
        assert manager.organization == batch.organization
        with django_assert_num_queries(12):
            assign_ssccs(actor=manager, batch_id=batch.pk)

        with django_assert_num_queries(12):
            assign_ssccs(actor=manager, batch_id=many.pk)

    @pytest.mark.parametrize("status", NUMBERED)
    def test_numbers_cases_until_they_are_shipped(self, batch, actor, counter, status):
        batch.status = status
        batch.save()

        assert assign_ssccs(actor=actor, batch_id=batch.pk).assigned_count == 3


class TestAssignSsccsRefused:
    def test_without_an_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            assign_ssccs(actor=UserFactory(), batch_id=batch.pk)

    def test_for_a_batch_of_another_organization(self, batch):
        stranger = make_member(organization=OrganizationFactory())

        with pytest.raises(errors.BatchNotFound):
            assign_ssccs(actor=stranger, batch_id=batch.pk)

    @pytest.mark.parametrize("status", sorted(set(BatchStatus.values) - set(NUMBERED)))
    def test_while_there_are_no_cases_to_ship(self, batch, actor, counter, status):
        batch.status = status
        batch.save()

        with pytest.raises(errors.BatchNotReady):
            assign_ssccs(actor=actor, batch_id=batch.pk)

    def test_after_the_warehouse_has_begun(self, batch, actor, counter):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="received_warehouse")

        with pytest.raises(errors.OrderLocked):
            assign_ssccs(actor=actor, batch_id=batch.pk)

    def test_without_a_company_prefix(self, batch, actor):
        with pytest.raises(SsccPrefixMissing):
            assign_ssccs(actor=actor, batch_id=batch.pk)

    def test_with_the_prefix_of_another_organization_only(self, batch, actor, counter):
        counter.organization = OrganizationFactory()
        counter.save()

        with pytest.raises(SsccPrefixMissing):
            assign_ssccs(actor=actor, batch_id=batch.pk)

    @pytest.mark.parametrize(("next_serial", "left"), [(999_999_998, 2), (1_000_000_000, 0)])
    def test_when_the_numbers_do_not_suffice(self, batch, actor, counter, next_serial, left):
        SsccCounter.objects.update(next_serial=next_serial)

        with pytest.raises(SsccSerialsUsedUp, match=f"has {left} numbers left, and 3 are needed"):
            assign_ssccs(actor=actor, batch_id=batch.pk)

        assert numbers_of(batch) == [None, None, None]

    def test_not_by_the_last_number(self, batch, actor, counter):
        SsccCounter.objects.update(next_serial=999_999_997)

        assert assign_ssccs(actor=actor, batch_id=batch.pk).assigned_count == 3


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_gives_each_case_one_number(self, batch, actor, counter):
        other = make_generated_batch(units=30, per_case=10, organization=batch.organization)
        assert actor.organization == batch.organization

        results = at_once(
            *(partial(assign_ssccs, actor=actor, batch_id=pk) for pk in [batch.pk, other.pk] * 3)
        )

        numbers = numbers_of(batch) + numbers_of(other)
        assert sorted(sscc for result in results for sscc in result.ssccs) == sorted(numbers)
        assert len(set(numbers)) == 6


class TestScanning:
    """A shipping label, as scanners send it, means its case."""

    SPELLINGS = [
        "00106141412345678908",
        "]C100106141412345678908",
        "\x1d00106141412345678908",
        "]C1\x1d00106141412345678908\x1d",
        "  00106141412345678908\r\n",
    ]

    @pytest.fixture(autouse=True)
    def _numbered(self, batch, actor, counter):
        assign_ssccs(actor=actor, batch_id=batch.pk)

    @pytest.mark.parametrize("text", SPELLINGS)
    def test_finds_the_case_on_every_page(self, batch, actor, text):
        label = find_label(user=actor, text=text)

        assert (label.kind, label.batch_id, label.number) == ("case", batch.pk, 1)

    @pytest.mark.parametrize("text", SPELLINGS)
    def test_finds_and_locks_the_case_to_be_packed(self, batch, text):
        keys = {"organization_id": batch.organization_id, "batch_id": batch.pk}

        assert find_case(entry=parse_case_entry(text), **keys) == case_of(batch, 1)
        assert lock_case(entry=text, **keys) == case_of(batch, 1)

    @pytest.mark.parametrize("text", ["106141412345678908", "00106141412345678900", "00"])
    def test_finds_nothing_by_other_numbers(self, batch, actor, text):
        assert find_label(user=actor, text=text) is None

    def test_finds_no_case_of_another_organization(self, batch):
        stranger = make_member(organization=OrganizationFactory())

        assert find_label(user=stranger, text=self.SPELLINGS[0]) is None
