import pytest

from accounts.models import Organization

pytestmark = pytest.mark.django_db


class TestUnorderedQuerysetsShuffled:
    @pytest.fixture(autouse=True)
    def _rows(self) -> None:
        Organization.objects.bulk_create(
            Organization(kind="buyer", name=f"Buyer {number}", slug=f"buyer-{number}")
            for number in range(20)
        )

    def read(self, *order: str) -> list[str]:
        return list(Organization.objects.order_by(*order).values_list("slug", flat=True))

    def test_gives_another_order_each_time(self) -> None:
        assert len({tuple(self.read()) for _ in range(5)}) > 1

    def test_keeps_an_order_that_was_asked_for(self) -> None:
        assert {tuple(self.read("slug")) for _ in range(5)} == {tuple(sorted(self.read()))}

    def test_leaves_counting_and_grouping_alone(self) -> None:
        assert Organization.objects.count() == 20
        assert list(Organization.objects.values_list("kind").distinct()) == [("buyer",)]
