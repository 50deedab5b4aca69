"""The buckets of Scan & pack, without a database."""

from uuid import UUID

import pytest

from qrtracking.rules.buckets import Bucket, Buckets, Fit, Scanned, sort_scanned

BATCH, OTHER_BATCH = UUID(int=1), UUID(int=2)
MINT, JAS = UUID(int=3), UUID(int=4)


def unit(number: int, **changes) -> Scanned:
    known = Scanned(
        code=f"C{number}",
        unit_id=UUID(int=100 + number),
        batch_id=BATCH,
        is_free=True,
        variant_id=MINT,
        sequence=number,
        planned_case=1,
    )
    return known._replace(**changes)


def fit(**changes) -> Fit:
    return Fit(**{"batch_id": BATCH, "room": 10, "case_number": 1, "variants": {MINT}} | changes)


class TestSortScanned:
    @pytest.mark.parametrize(
        ("changes", "bucket"),
        [
            ({"unit_id": None}, Bucket.NOT_FOUND),
            ({"is_packed": True}, Bucket.ALREADY_LINKED),
            ({"batch_id": OTHER_BATCH}, Bucket.WRONG_BATCH),
            ({"is_free": False}, Bucket.NOT_AVAILABLE),
            ({"variant_id": JAS}, Bucket.WRONG_VARIANT),
            ({"planned_case": 2}, Bucket.WRONG_SEQUENCE),
        ],
    )
    def test_gives_each_reason_its_bucket(self, changes, bucket):
        buckets = sort_scanned([unit(1, **changes), unit(2)], fit())

        assert buckets.filtered[bucket] == [unit(1, **changes)]
        assert buckets.linked == [unit(2)]
        assert buckets.filtered_count == 1

    def test_takes_the_first_reason_of_several(self):
        everything = {
            "is_packed": True,
            "batch_id": OTHER_BATCH,
            "is_free": False,
            "variant_id": JAS,
            "planned_case": 2,
        }
        order = list(Bucket)[1:]

        for bucket, key in zip(order, list(everything), strict=True):
            buckets = sort_scanned([unit(1, **everything), unit(2)], fit())
            assert buckets.count(bucket) == 1
            del everything[key]

    def test_takes_planned_units_of_no_case(self):
        assert sort_scanned([unit(1, planned_case=None)], fit()).linked

    def test_lets_spares_go_anywhere(self):
        assert sort_scanned([unit(1, is_spare=True, planned_case=2)], fit()).linked

    def test_looks_at_no_plan_without_a_case_number(self):
        assert sort_scanned([unit(1, planned_case=2)], fit(case_number=None)).linked

    def test_keeps_the_order_and_leaves_the_rest(self):
        units = [unit(number) for number in (3, 1, 2)]

        buckets = sort_scanned(units, fit(room=2))

        assert [one.sequence for one in buckets.linked] == [3, 1]
        assert [one.sequence for one in buckets.unused] == [2]

    @pytest.mark.parametrize(("jas", "target"), [(1, MINT), (2, MINT), (3, JAS)])
    def test_aims_at_the_most_frequent_variant(self, jas, target):
        units = [unit(1), unit(2), *(unit(10 + n, variant_id=JAS) for n in range(jas))]

        buckets = sort_scanned(units, fit(variants=None))

        assert buckets.targets == {target}

    def test_counts_only_what_may_be_packed_for_the_most_frequent(self):
        packed = [unit(number, is_packed=True, variant_id=JAS) for number in (5, 6)]

        assert sort_scanned([*packed, unit(1)], fit(variants=None)).targets == {MINT}

    def test_of_nothing_is_nothing(self):
        buckets = sort_scanned([], fit(variants=None))

        assert (buckets.total, list(buckets.targets)) == (0, [])


class TestWords:
    def test_tell_what_was_filtered_out(self):
        units = [unit(1), unit(2, unit_id=None), unit(3, is_packed=True), unit(4, is_packed=True)]

        buckets = sort_scanned(units, fit())

        assert buckets.note == (
            "Successfully linked 1 of 4 codes. Filtered out: 1 not found, 2 already linked."
        )

    def test_tell_nothing_when_all_went_in(self):
        assert Buckets(linked=[unit(1)]).note == "Successfully linked 1 of 1 codes."

    def test_add_up(self):
        units = [unit(number, is_free=number != 3) for number in range(1, 6)]

        summary = sort_scanned(units, fit(room=3)).summary

        assert summary.pop("total_submitted") == sum(summary.values()) == 5
