"""The tests' overlay: fixed secrets, cheap password hashes, no doorbell."""

import os

from config.paths import REPOSITORY

# Before the base is read, which takes its folders from there.
os.environ.setdefault("DATA_DIR", str(REPOSITORY / "var" / "test"))

from config.settings.base import *  # noqa: F403

SECRET_KEY = "test-" + "k" * 60
QR_HASH_SECRET = "test-" + "h" * 40
QR_WORKER_SECRET = "test-worker-secret-of-32-characters"  # noqa: S105 - not a secret
QR_BASE_URL = "http://testserver"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
JOBS_DOORBELL = "none"
# Logins of tests carry no request; the throttle has tests of its own that switch it on.
AXES_ENABLED = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A system with nothing but jobs, for the kernel's own tests.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.sample"]
