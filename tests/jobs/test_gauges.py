from jobs import gauges
from jobs.gauges import Gauge, read_gauges


class TestReadGauges:
    def test_asks_every_reader_once_and_only_now(self, monkeypatch):
        monkeypatch.setattr(gauges, "_readers", [])
        asked = []

        @gauges.gauges
        def read_depth():
            asked.append("depth")
            return [Gauge("depth", "How deep", values={(): 1.0})]

        gauges.gauges(read_depth)

        assert asked == []
        assert [gauge.name for gauge in read_gauges()] == ["depth"]
        assert asked == ["depth"]
