from django.contrib import admin

from jobs.admin_base import JobAdmin
from tests.jobs.sample.models import SampleJob


@admin.register(SampleJob)
class SampleJobAdmin(JobAdmin):
    error_advice = {"sample_refused": "Correct the sample, then retry."}
