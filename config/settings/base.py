"""Settings that every environment shares. The overlays beside this file say what differs."""

import logging
import os
from pathlib import Path

from django.templatetags.static import static

from config import environment
from config.csp import STRICT
from config.environment import env
from config.logging import configure_structlog, logging_settings
from config.paths import REPOSITORY, data_dir

DATA_DIR: Path = data_dir()
DEBUG = False

# Processes: web (pool of connections), worker (time limits, no pool), command.
PROCESS_ROLE = env.str("PROCESS_ROLE", "command")
DATABASES = {
    "default": environment.database(
        environment.database_url(DATA_DIR), process_role=str(PROCESS_ROLE)
    )
}

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "django_htmx",
    "django_structlog",
    "csp",
    "axes",
    "accounts",
    "jobs",
    "scanning",
    "qrtracking",
    "inventory",
    "config",
]

MIDDLEWARE = [
    "config.correlation.CorrelationMiddleware",
    "config.correlation.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.api_errors.JsonErrorsMiddleware",
    "config.api_errors.CleanInputMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.PathCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [REPOSITORY / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# `manage.py demo` makes users whose passwords stand in a file.
DEMO_ALLOWED = True

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A name locked from one address stays open from others, so nobody can lock out a colleague.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 8)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [REPOSITORY / "static"] if (REPOSITORY / "static").is_dir() else []
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.HashedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
API_MAX_BODY_BYTES = 16 * 1024 * 1024
API_MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_MB", 110) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Security
CONTENT_SECURITY_POLICY = {"DIRECTIVES": STRICT}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SILENCED_SYSTEM_CHECKS: list[str] = []

# API
# knox's own token table is not ours to keep: accounts.ApiToken takes its place.
MIGRATION_MODULES = {"knox": None}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - a model's name
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.JSONObjectParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [],
    "EXCEPTION_HANDLER": "accounts.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Batchworks",
    "DESCRIPTION": "Work that is too big for a web request, as jobs that a client can follow.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/(api|functions)(/v1)?",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.api.schema.add_error_answers",
    ],
}

# Jobs. Measured: these take the engine from 60 to over 600 tasks a second.
WORKERS = env.int("WORKERS", os.cpu_count() or 1)
JOBS_DOORBELL = "django_q"
# Set by the watchdog for its workers: once the file exists they give their jobs back.
JOBS_STOP_FILE = env.str("JOBS_STOP_FILE", "")
# Production: no, so that nobody makes a worker call the services inside our own network.
WEBHOOK_PRIVATE_ADDRESSES = True
JOBS_RETENTION_DAYS = env.int("JOBS_RETENTION_DAYS", 90)
# A worker that is not heard of for so long has lost its job to another one.
JOBS_LEASE_SECONDS = env.float("JOBS_LEASE_SECONDS", 60.0)
# How often the watchdog rings for due jobs whose doorbell was lost.
JOBS_SWEEP_SECONDS = env.float("JOBS_SWEEP_SECONDS", 30.0)
# A cluster that takes nothing for so long, with work due, is replaced: longer than any task.
JOBS_SILENT_SECONDS = env.float("JOBS_SILENT_SECONDS", 90.0)
Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "broker_class": "jobs.dispatch.DatabaseBroker",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 60,
    "retry": 180,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "guard_cycle": 1,
    "recycle": 200,
    "max_rss": env.int("WORKER_MAX_RSS_KB", 600_000),
    "catch_up": False,
    "ALT_CLUSTERS": {
        "heavy": {"workers": 1, "queue_limit": 1, "timeout": 300, "retry": 600},
        "io": {"workers": 1, "queue_limit": 1},
    },
}

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Batchworks <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# QR tracking. An empty secret closes the endpoint that it guards.
QR_HASH_SECRET = env.str("QR_HASH_SECRET", "")
QR_WORKER_SECRET = env.str("QR_WORKER_SECRET", "")
CRON_SECRET = env.str("CRON_SECRET", "")
QR_BASE_URL = env.str("QR_BASE_URL", "")
QR_UNIT_PREFIX = env.str("QR_UNIT_PREFIX", "PROD")
QR_MASTER_PREFIX = env.str("QR_MASTER_PREFIX", "MASTER")
QR_ORDER_PREFIX = env.str("QR_ORDER_PREFIX", "ORD-HM")
QR_POLL_SECONDS = env.int("QR_POLL_SECONDS", 3)
QR_INLINE_LIMIT = env.int("QR_INLINE_LIMIT", 500)
QR_PREPARE_SLICE = env.int("QR_PREPARE_SLICE", 20_000)
QR_WORKER_BUDGET_SECONDS = env.int("QR_WORKER_BUDGET_SECONDS", 50)
QR_JOB_RETENTION_DAYS = env.int("QR_JOB_RETENTION_DAYS", 90)

# Inventory
QUEUE_MAX_BODY_MB = env.int("QUEUE_MAX_BODY_MB", 100)
QUEUE_MAX_ITEMS_PER_ADD = env.int("QUEUE_MAX_ITEMS_PER_ADD", 250_000)
QUEUE_MAX_ITEM_KB = env.int("QUEUE_MAX_ITEM_KB", 64)
QUEUE_MAX_FILE_MB = env.int("QUEUE_MAX_FILE_MB", 50)
QUEUE_MAX_FILE_ROWS = env.int("QUEUE_MAX_FILE_ROWS", 200_000)
QUEUE_IMEI_POLICY = env.str("QUEUE_IMEI_POLICY", "warn")
QUEUE_MAX_RETRIES = env.int("QUEUE_MAX_RETRIES", 3)
QUEUE_BACKOFF_BASE_SECONDS = env.float("QUEUE_BACKOFF_BASE_SECONDS", 2.0)
QUEUE_BACKOFF_CAP_SECONDS = env.float("QUEUE_BACKOFF_CAP_SECONDS", 300.0)
QUEUE_BACKOFF_JITTER = env.float("QUEUE_BACKOFF_JITTER", 0.1)
QUEUE_SLICE_SIZE = env.int("QUEUE_SLICE_SIZE", 200)
QUEUE_LEASE_SECONDS = env.int("QUEUE_LEASE_SECONDS", 60)
QUEUE_MAX_DRAINS = env.int("QUEUE_MAX_DRAINS", 2)
QUEUE_IDLE_SECONDS = env.float("QUEUE_IDLE_SECONDS", 5.0)
QUEUE_ITEM_DELAY_MS = env.int("QUEUE_ITEM_DELAY_MS", 0)
QUEUE_AUTO_CREATE_LOCATIONS = env.bool("QUEUE_AUTO_CREATE_LOCATIONS", True)
QUEUE_WARN_FAILED = env.int("QUEUE_WARN_FAILED", 10)
QUEUE_WARN_PENDING = env.int("QUEUE_WARN_PENDING", 100)
QUEUE_KEEP_COMPLETED_DAYS = env.int("QUEUE_KEEP_COMPLETED_DAYS", 30)
QUEUE_KEEP_FAILED_DAYS = env.int("QUEUE_KEEP_FAILED_DAYS", 180)
QUEUE_ARCHIVE_DAYS = env.int("QUEUE_ARCHIVE_DAYS", 365)
QUEUE_LOG_DAYS = env.int("QUEUE_LOG_DAYS", 365)
QUEUE_UNDO_DAYS = env.int("QUEUE_UNDO_DAYS", 30)
QUEUE_API_ANONYMOUS_ORG = env.str("QUEUE_API_ANONYMOUS_ORG", "")

# Monitoring. Without a token there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# Logs
configure_structlog()
LOGGING = logging_settings(
    json=env.bool("LOG_JSON", False), level=str(env.str("LOG_LEVEL", "INFO"))
)
# The middleware before it has made sure that the id is harmless.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO

# Admin theme
UNFOLD = {
    "SITE_TITLE": "Batchworks",
    "SITE_HEADER": "Batchworks",
    "SITE_SYMBOL": "inventory_2",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("accounts/icon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.dashboard.add_dashboard",
}
