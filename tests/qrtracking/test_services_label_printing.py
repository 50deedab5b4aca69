"""Labels on their way to a printer, played by a server on this machine."""

import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from jobs.runner import run_job
from jobs.services import retry_job
from qrtracking.models import Batch, LabelSheet
from qrtracking.services import label_pages, label_printing
from tests.qrtracking.factories import LabelPrinterFactory, make_generated_batch
from tests.qrtracking.labels import content_of, make_sheet, work_off

pytestmark = pytest.mark.django_db


class Printer:
    """Takes whatever is sent, one connection after the other, and says nothing."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received: list[bytes] = []
        self.done = threading.Semaphore(0)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.received.append(b"".join(iter(partial(connection.recv, 65536), b"")))
            self.done.release()

    def wait(self) -> bytes:
        """What the next connection brought."""
        assert self.done.acquire(timeout=10)
        return self.received.pop(0)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


@pytest.fixture
def printer() -> Iterator[Printer]:
    server = Printer()
    yield server
    server.stop()


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10)


def print_at(batch: Batch, port: int) -> LabelSheet:
    row = LabelPrinterFactory(organization=batch.organization, name="Line 1", port=port)
    return make_sheet(batch, layout="zpl", printer_id=row.pk)


@pytest.fixture
def nobody_listens() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class TestSend:
    def test_sends_the_file_once_and_notes_when(self, batch, printer):
        sheet = work_off(print_at(batch, printer.port))

        assert sheet.status == "completed"
        assert printer.wait() == content_of(sheet)
        assert sheet.printed_at is not None
        batch.refresh_from_db()
        assert batch.status == "printing"

    def test_draws_for_the_dots_of_the_printer(self, batch, printer):
        coarse, fine = (
            LabelPrinterFactory(
                organization=batch.organization, port=printer.port, dots_per_inch=dots
            )
            for dots in (203, 300)
        )

        sheets = [
            work_off(make_sheet(batch, layout="zpl", printer_id=row.pk)) for row in (coarse, fine)
        ]

        widths = [content_of(sheet).decode().partition("^PW")[2][:3] for sheet in sheets]
        assert widths == ["479", "708"]

    def test_to_a_printer_that_is_off_is_tried_again_later(self, batch, nobody_listens):
        sheet = work_off(print_at(batch, nobody_listens))

        assert (sheet.status, sheet.attempts) == ("queued", 1)
        assert (sheet.error_code, sheet.max_attempts) == ("label_printer_silent", 10)
        assert sheet.run_after > sheet.updated_at
        assert sheet.printed_at is None

    def test_gives_up_in_plain_words(self, batch, nobody_listens):
        sheet = print_at(batch, nobody_listens)
        LabelSheet.objects.update(max_attempts=1)

        sheet = work_off(sheet)

        assert (sheet.status, sheet.error_code) == ("failed", "label_printer_silent")
        assert sheet.error_message == (
            f"The printer Line 1 does not answer at 127.0.0.1:{nobody_listens}. Is it switched on?"
        )

    def test_is_done_by_the_retry_when_the_printer_is_back(self, batch, nobody_listens, printer):
        sheet = print_at(batch, nobody_listens)
        LabelSheet.objects.update(max_attempts=1)
        sheet = work_off(sheet)
        sheet.printer.port = printer.port
        sheet.printer.save()

        retry_job(sheet, actor=None)
        sheet = work_off(sheet)

        assert sheet.status == "completed"
        assert printer.wait() == content_of(sheet)

    def test_is_not_repeated_when_it_was_noted(self, batch, printer, monkeypatch):
        """A worker that dies after the note: the next one only finishes."""
        sheet = print_at(batch, printer.port)

        def fail(*_args):
            raise RuntimeError

        with monkeypatch.context() as broken:
            broken.setattr(label_pages, "_mark_printed", fail)
            sheet = work_off(sheet)
        assert (sheet.status, sheet.printed_at is not None) == ("queued", True)

        LabelSheet.objects.update(run_after=sheet.created_at)
        sheet = work_off(sheet)

        assert sheet.status == "completed"
        printer.wait()
        assert printer.received == []

    def test_that_breaks_off_waits_for_a_person(self, batch, printer, monkeypatch):
        sheet = print_at(batch, printer.port)

        def cut(content, connection):
            connection.sendall(content.read(100))
            raise ConnectionResetError

        with monkeypatch.context() as broken:
            broken.setattr(label_printing, "_send", cut)
            sheet = work_off(sheet)

        assert (sheet.status, sheet.error_code) == ("failed", "label_printing_interrupted")
        assert "trying again sends all labels" in sheet.error_message
        retry_job(sheet, actor=None)
        assert work_off(sheet).status == "completed"

    def test_of_a_worker_that_died_is_not_repeated_by_itself(self, batch, printer, monkeypatch):
        sheet = print_at(batch, printer.port)

        def die(content, connection):
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr(label_printing, "_send", die)
            with pytest.raises(KeyboardInterrupt):
                run_job(sheet)
        LabelSheet.objects.update(lease_expires_at=None)

        sheet = work_off(sheet)

        assert (sheet.status, sheet.error_code) == ("failed", "label_printing_interrupted")
        retry_job(sheet, actor=None)
        sheet = work_off(sheet)
        assert sheet.status == "completed"
        assert (printer.wait(), printer.wait()) == (b"", content_of(sheet))
