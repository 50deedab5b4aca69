"""How a device reads: badges, marks of what somebody should look at, and its warnings."""

from django.utils.html import format_html_join

from inventory.admin.base import badge
from inventory.models import DeviceStatus, WorkingStatus

_WORKING = {
    WorkingStatus.YES: ("success", "yes"),
    WorkingStatus.NO: ("danger", "no"),
    WorkingStatus.PENDING: ("", "pending"),
}
# Fields that a fallback stands in for, as people call them.
_FIELDS = {"screen_condition": "screen", "body_condition": "body", "location": "place"}


def working_badge(status: str) -> tuple[str, str]:
    return _WORKING.get(status, ("", status))


def status_badge(device) -> tuple[str, str]:
    if device.status == DeviceStatus.REMOVED:
        return "warning", "removed"
    return "success", "in stock"


def marks_of(device):
    """Short words in the list; the device's page says more."""
    found = [
        ("warning", "check digit", not device.luhn_valid),
        ("info", "model suggested", bool(device.suggested)),
    ]
    marks = [(badge(colour, text),) for colour, text, is_set in found if is_set]
    return format_html_join(" ", "{}", marks)


def field_words(names) -> list[str]:
    return [_FIELDS.get(name, name.replace("_", " ")) for name in names]
