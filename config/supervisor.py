"""The supervisor's configuration: the web server and the workers, restarted whenever they end."""

import sys
from pathlib import Path

from config.paths import REPOSITORY

# runworker waits for one slice budget and ten seconds more before it kills its clusters.
WORKER_STOP_SECONDS = 40
WEB_STOP_SECONDS = 15

TEMPLATE = """\
[supervisord]
nodaemon=true
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={folder}/supervisord.pid
childlogdir={logs}
{root_user}
[program:web]
command={python} -m gunicorn -c deploy/gunicorn.conf.py
directory={repository}
autorestart=true
startretries=1000
stopwaitsecs={web_stop}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/web.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2

[program:worker]
command={python} -m config.worker_process
directory={repository}
autorestart=true
startretries=1000
stopwaitsecs={worker_stop}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/worker.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""


def write_config(data_dir: Path, *, is_root: bool) -> Path:
    """Write DATA_DIR/supervisor/supervisord.conf and return its path."""
    folder, logs = data_dir / "supervisor", data_dir / "logs"
    folder.mkdir(exist_ok=True)
    logs.mkdir(exist_ok=True)
    config = folder / "supervisord.conf"
    config.write_text(
        TEMPLATE.format(
            folder=escape(folder),
            logs=escape(logs),
            python=escape(sys.executable),
            repository=escape(REPOSITORY),
            # Said explicitly, or supervisord warns at every start.
            root_user="user=root\n" if is_root else "",
            web_stop=WEB_STOP_SECONDS,
            worker_stop=WORKER_STOP_SECONDS,
        )
    )
    return config


def escape(value: object) -> str:
    """The file knows %(name)s expressions, so a percent sign in a path is doubled."""
    return str(value).replace("%", "%%")
