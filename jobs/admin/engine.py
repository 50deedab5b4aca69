"""django-q2's own tables: only its schedules are shown, and nothing of them can be edited.

One schedule row with bad arguments stops every schedule, and its queue holds nothing but wake-ups.
"""

from django.apps import apps
from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import ModelAdmin, display

ENGINE = "django_q"


class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ["name", "runs", "next_run"]
    fields = ["name", "runs", "next_run"]
    ordering = ["name", "id"]

    def get_queryset(self, request):
        # Schedules belong to the installation, to no organization.
        return ModelAdmin.get_queryset(self, request)

    @display(description="runs")
    def runs(self, schedule):
        return f"every {schedule.minutes} min" if schedule.minutes else "daily"


def hide_engine(site: admin.AdminSite = admin.site) -> None:
    for model in [model for model in site._registry if model._meta.app_label == ENGINE]:
        site.unregister(model)
    site.register(apps.get_model(ENGINE, "Schedule"), ScheduleAdmin)
