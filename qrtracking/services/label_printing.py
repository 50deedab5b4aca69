"""Sends the labels of a sheet to a label printer, which takes ZPL at a TCP port and says nothing.

Nobody can ask it what it has printed. So a sheet that may have been sent is never sent again by
itself: a person looks first.
"""

import socket
from functools import partial
from typing import Any

from django.core.files import File
from django.db.models.functions import Now

from jobs.context import SliceContext
from qrtracking.errors.labels import PrinterSilent, PrintingInterrupted
from qrtracking.models import LabelPrinter, LabelSheet
from qrtracking.services.label_sheets import note_output

CONNECT_SECONDS = 5
# A printer takes the next label when it has printed the one before.
SEND_SECONDS = 60
CHUNK = 64 * 1024
# In the sheet's cursor, from before the first byte until everything was sent.
SENDING = "sending"


def send_to_printer(sheet: LabelSheet, ctx: SliceContext) -> None:
    """Send the sheet's file and note when. Raises PrinterSilent before the first byte, which is
    tried again, and PrintingInterrupted after it, which waits for a person."""
    printer = sheet.printer
    assert printer is not None  # noqa: S101 - only sheets with a printer come here
    if SENDING in sheet.cursor:
        # The process that was sending died: the next try is wanted by somebody.
        _interrupted(printer, ctx)
    with sheet.file.open("rb") as content, _connect(printer) as connection:
        ctx.commit(_nothing, changes={"cursor": {SENDING: True}})
        try:
            _send(content, connection)
        except OSError:
            _interrupted(printer, ctx)
    ctx.log(f"Sent to the printer {printer.name}")
    ctx.commit(note_output, changes={"cursor": {}, "printed_at": Now()})


def _connect(printer: LabelPrinter) -> socket.socket:
    address = (printer.host, printer.port)
    try:
        return socket.create_connection(address, timeout=CONNECT_SECONDS)
    except OSError as error:
        where = f"{printer.host}:{printer.port}"
        raise PrinterSilent(name=printer.name, address=where) from error


def _send(content: "File[bytes]", connection: socket.socket) -> None:
    connection.settimeout(SEND_SECONDS)
    for chunk in iter(partial(content.read, CHUNK), b""):
        connection.sendall(chunk)
    # The printer closes once it has taken the last byte, or just keeps the line open.
    connection.shutdown(socket.SHUT_WR)


def _interrupted(printer: LabelPrinter, ctx: SliceContext) -> None:
    ctx.commit(_nothing, changes={"cursor": {}})
    raise PrintingInterrupted(name=printer.name)


def _nothing(_: Any) -> None:
    """Only the changes are to be committed."""
