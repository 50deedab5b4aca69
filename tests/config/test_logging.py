import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from config.logging import logging_settings


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a logger of ours writes with the production settings, beside the tests' own logging."""
    settings = logging_settings(json=True, level="INFO")
    stream = io.StringIO()
    formatter = logging.config.DictConfigurator(settings).configure_formatter(
        settings["formatters"]["lines"]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger("tests.logging")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestLoggingSettings:
    def test_write_one_json_object_per_line_with_the_context(self, written: io.StringIO) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
            structlog.get_logger("tests.logging").info("job submitted", job_id="j-1")

        (line,) = lines(written)
        assert line["event"] == "job submitted"
        assert (line["correlation_id"], line["job_id"]) == ("c-1", "j-1")
        assert (line["level"], line["logger"]) == ("info", "tests.logging")
        assert line["timestamp"].endswith("Z")

    def test_give_the_standard_librarys_records_the_same_fields(self, written: io.StringIO) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id="c-2"):
            logging.getLogger("tests.logging").info("said %s", "so", extra={"invoice_id": 7})

        (line,) = lines(written)
        assert line["event"] == "said so"
        assert (line["correlation_id"], line["invoice_id"]) == ("c-2", 7)

    def test_keep_a_traceback_inside_its_line(self, written: io.StringIO) -> None:
        error = ValueError("broken")
        logging.getLogger("tests.logging").error("failed", exc_info=error)

        (line,) = lines(written)
        assert "ValueError: broken" in line["exception"]

    def test_are_readable_lines_elsewhere(self) -> None:
        processors = logging_settings(json=False, level="DEBUG")["formatters"]["lines"][
            "processors"
        ]

        assert isinstance(processors[-1], structlog.dev.ConsoleRenderer)
