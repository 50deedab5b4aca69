"""File imports for tests of their pages: who sends, what, and what has come of it."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inventory.models import QueueImport
from inventory.selectors.imports import list_rows
from inventory.services.importing import create_import, create_import_from_text
from jobs.runner import run_job
from tests.accounts.factories import grant, make_member
from tests.inventory.factories import NOW, A, B, imei_of

NEW = reverse("admin:inventory_queueimport_add")
LIST = reverse("admin:inventory_queueimport_changelist")
D = imei_of(1)
# The worked example: 2 new, 1 update, 2 duplicates, 2 invalid when B is in stock.
EXAMPLE = (
    f"imei,Model,Paint\n{A},iPhone 13,red\n{B},,\n{A},,\n12,,\n3.56938E+14,,\n{B[:14]},,\n{D},,\n\n"
)


def staff(organization, *codenames) -> Client:
    client = Client()
    member = make_member("viewer", organization=organization, is_staff=True)
    client.force_login(grant(member, *codenames))
    return client


def page_of(row, name="change"):
    return reverse(f"admin:inventory_queueimport_{name}", args=[row.pk])


def upload(content, name="phones.csv"):
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data)


def send(client, organization, **fields):
    return client.post(NEW, {"organization": organization.pk, "priority": "5", **fields})


def make_import(organization, content=EXAMPLE, *, name="phones.csv", **options):
    """Sent and read."""
    row = create_import(
        organization_id=organization.pk,
        actor=None,
        file=upload(content, name),
        file_name=name,
        now=timezone.now(),
        **options,
    )
    return run_job(row)


def status_of(row):
    return QueueImport.objects.values_list("status", flat=True).get(pk=row.pk)


def make_read_row(organization):
    """As if it had been read: without its file, and without rows."""
    return QueueImport.objects.create(
        organization=organization,
        status="ready",
        sha256="0" * 64,
        format="text",
        options={
            "source": "file-import",
            "priority": 5,
            "validation": None,
            "scheduled_at": None,
            "location": None,
            "confirmed": False,
        },
        cursor={"phase": "judged", "rows": 0, "columns": []},
        counts=dict.fromkeys(("rows", "new", "update", "duplicate", "invalid"), 0),
    )


def read(organization, content, *, run=True, **options):
    """Sent and worked off; a str is pasted, bytes are a file."""
    whose = {"organization_id": organization.pk, "actor": None, "now": NOW, **options}
    if isinstance(content, str):
        row = create_import_from_text(text=content, **whose)
    else:
        row = create_import(file=ContentFile(content), file_name="phones", **whose)
    return run_job(row) if run else row


def verdicts(row):
    return [(one.line_no, one.verdict, one.error_code) for one in list_rows(row)]


def phones_of(row):
    """Of the good rows."""
    return [one.data["phone"] for one in list_rows(row) if one.verdict != "invalid"]


def warnings_of(row):
    return [[note["code"] for note in one.warnings] for one in list_rows(row)]
