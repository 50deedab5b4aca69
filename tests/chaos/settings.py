"""The tests' settings for real workers: their doorbell is the engine's queue."""

from config.settings.test import *  # noqa: F403

JOBS_DOORBELL = "django_q"
# Workers hand files to each other.
STORAGES = {
    **STORAGES,  # noqa: F405
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
# Several slices for a batch of a few hundred units.
QR_PREPARE_SLICE = 50
