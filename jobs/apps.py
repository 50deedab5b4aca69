from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Background jobs"

    def ready(self) -> None:
        # Every app's handlers and schedules are registered by importing its tasks module.
        autodiscover_modules("tasks")
        post_migrate.connect(_sync_schedules, dispatch_uid="jobs.sync_schedules")


def _sync_schedules(*, sender: AppConfig, **kwargs: Any) -> None:
    """Once per migrate, when the engine's own table is there."""
    if sender.name != "django_q":
        return
    from jobs.schedules import sync_schedules

    sync_schedules(now=timezone.now())
