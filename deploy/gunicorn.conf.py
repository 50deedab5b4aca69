"""gunicorn for script/server, systemd and containers alike: `gunicorn -c deploy/gunicorn.conf.py`."""

import json
import os
from pathlib import Path
from typing import Any

from gunicorn import util

# Read by the settings: only web processes get a connection pool.
os.environ["PROCESS_ROLE"] = "web"

wsgi_app = "config.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = 8190
# The control socket lies in a folder that all instances of a user share.
control_socket_disable = True
MEMORY_FOLDER = "/dev/shm"  # noqa: S108 - empty files of gunicorn's own
if Path(MEMORY_FOLDER).is_dir():
    # A heartbeat file on a slow disk would make healthy workers look stuck.
    worker_tmp_dir = MEMORY_FOLDER


def _write_json_error(sock: Any, status_int: int, reason: str, _message: str) -> None:
    """gunicorn answers requests that it cannot parse itself, in HTML; our clients expect JSON."""
    body = json.dumps({"error": reason, "code": reason.lower().replace(" ", "_")})
    head = f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    util.write_nonblock(sock, (head + body).encode("latin-1"))


util.write_error = _write_json_error
