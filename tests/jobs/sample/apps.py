from django.apps import AppConfig


class SampleConfig(AppConfig):
    """A system with nothing but jobs, for the kernel's tests and the chaos campaign."""

    name = "tests.jobs.sample"
    label = "sample"
