"""One machine, nothing to set: secrets are made once and kept in DATA_DIR."""

from config.environment import development_secret, env
from config.settings.base import *  # noqa: F403
from config.settings.base import DATA_DIR

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = development_secret(DATA_DIR, "SECRET_KEY")
QR_HASH_SECRET = development_secret(DATA_DIR, "QR_HASH_SECRET")
QR_WORKER_SECRET = development_secret(DATA_DIR, "QR_WORKER_SECRET")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
QR_BASE_URL = env.str("QR_BASE_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}")
