"""The tests' settings for real workers: their doorbell is the engine's queue."""

from config.settings.test import *  # noqa: F403

JOBS_DOORBELL = "django_q"
