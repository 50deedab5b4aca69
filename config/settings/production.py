"""The production overlay: everything from the environment, and no start with anything missing."""

from config.environment import env
from config.logging import logging_settings
from config.production_check import require_production_environment
from config.settings.base import *  # noqa: F403

require_production_environment(env.ENVIRON)

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DEMO_ALLOWED = False
WEBHOOK_PRIVATE_ADDRESSES = env.bool("WEBHOOK_PRIVATE_ADDRESSES", False)

# TLS ends at the proxy, which must set this header itself: switch it off without a proxy.
if env.bool("BEHIND_PROXY", True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Otherwise all people share the proxy's address, and one of them could lock out a colleague.
    AXES_CLIENT_IP_CALLABLE = "config.client_address.seen_by_nearest_proxy"
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LOGGING = logging_settings(json=True, level=env.str("LOG_LEVEL", "INFO"))
