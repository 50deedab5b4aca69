import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import registry
from jobs.errors import HandlerMissing
from jobs.models import OutboxMessage
from jobs.registry import (
    Done,
    SliceSize,
    get_handler,
    get_job_model,
    job_handler,
    list_handlers,
    list_job_models,
)
from tests.jobs.sample.models import SampleJob
from tests.jobs.sample.tasks import count


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))


sizes = st.tuples(
    st.integers(min_value=1, max_value=1_000),
    st.integers(min_value=0, max_value=1_000),
    st.integers(min_value=0, max_value=100_000),
).map(lambda parts: SliceSize(parts[0] + parts[1], parts[0], parts[0] + parts[1] + parts[2]))
seconds = st.floats(min_value=0, max_value=100)


class TestSliceSize:
    @given(sizes, st.lists(seconds, max_size=60))
    def test_stays_within_its_bounds_whatever_slices_take(
        self, size: SliceSize, durations: list[float]
    ) -> None:
        rows = size.start
        for duration in durations:
            rows = size.adapt(rows, duration)

            assert size.low <= rows <= size.high

    @given(sizes, seconds)
    def test_moves_against_the_time_that_a_slice_took(self, size: SliceSize, took: float) -> None:
        rows = size.adapt(size.start, took)

        if took > 1:
            assert rows <= size.start
        elif took < 0.3:
            assert rows >= size.start
        else:
            assert rows == size.start

    def test_grows_by_half_and_shrinks_to_half(self) -> None:
        size = SliceSize(start=500, low=10, high=50_000)

        assert size.adapt(500, 0.1) == 750
        assert size.adapt(500, 1.5) == 250

    def test_grows_from_a_single_row(self) -> None:
        assert SliceSize(start=1, low=1, high=10).adapt(1, 0.01) == 2

    @given(st.integers(min_value=1, max_value=100_000), seconds)
    def test_does_not_move_when_it_is_fixed(self, rows: int, took: float) -> None:
        assert SliceSize.fixed(rows).adapt(rows, took) == rows


class TestJobHandler:
    def test_registers_a_handler_under_label_and_type(self) -> None:
        handler = get_handler("sample.samplejob:count")

        assert handler.function is count
        assert handler.model is SampleJob
        assert handler.queue == "default"

    def test_registers_a_model_of_one_kind_under_its_label(self) -> None:
        assert get_handler("jobs.outboxmessage").model is OutboxMessage

    def test_refuses_a_second_handler_of_the_same_name(self) -> None:
        with pytest.raises(ValueError, match=r"Two handlers for sample\.samplejob:count"):
            job_handler(SampleJob, job_type="count")(lambda job, ctx: Done())

    def test_takes_a_number_as_a_fixed_slice_size(self) -> None:
        job_handler(SampleJob, job_type="fixed", slice_size=7)(lambda job, ctx: Done())

        assert get_handler("sample.samplejob:fixed").slice_size == SliceSize(7, 7, 7)


class TestGetHandler:
    def test_says_that_no_program_can_do_an_unknown_job(self) -> None:
        with pytest.raises(HandlerMissing):
            get_handler("sample.samplejob:unheard_of")


class TestGetJobModel:
    def test_finds_a_model_by_its_label(self) -> None:
        assert get_job_model("sample.samplejob") is SampleJob

    def test_refuses_a_model_that_has_no_handler(self) -> None:
        with pytest.raises(HandlerMissing):
            get_job_model("accounts.user")


class TestListHandlers:
    def test_lists_each_handler_by_name(self) -> None:
        names = [handler.name for handler in list_handlers()]

        assert names == sorted(names)
        assert {"jobs.outboxmessage", "sample.samplejob:count"} <= set(names)


class TestListJobModels:
    def test_lists_a_model_with_several_handlers_once(self) -> None:
        assert list_job_models().count(SampleJob) == 1
