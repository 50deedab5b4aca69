"""What procrastinate does with as many processes: jobs that do nothing, on the same server."""

import subprocess
import sys
from typing import Any

CONCURRENCY = 10
PROCESSES = 2
CHUNK = 1_000

WORKER = "import sys; from bench.inventory_peer import run_worker; run_worker(sys.argv[1])"
# On the database's clock, so that the start of Python does not count.
RATE = """
    SELECT count(*) FILTER (WHERE type = 'succeeded') / extract(epoch FROM
        max(at) FILTER (WHERE type = 'succeeded') - min(at) FILTER (WHERE type = 'started'))
    FROM procrastinate_events
"""


def make_app(connector: Any) -> Any:
    from procrastinate import App

    app = App(connector=connector)

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        """What a queue costs by itself."""

    return app


def measure_peer(url: str, jobs: int) -> float:
    """Jobs a second of two worker processes."""
    import psycopg
    from procrastinate import SyncPsycopgConnector

    app = make_app(SyncPsycopgConnector(conninfo=url))
    with app.open():
        if not app.check_connection():
            app.schema_manager.apply_schema()
        task = app.tasks["nothing"]
        for first in range(0, jobs, CHUNK):
            task.batch_defer(*({"number": first + one} for one in range(min(CHUNK, jobs - first))))
    command = [sys.executable, "-c", WORKER, url]
    hosts = [subprocess.Popen(command) for _ in range(PROCESSES)]  # noqa: S603 (our own)
    if any(host.wait() for host in hosts):
        raise SystemExit("procrastinate failed")
    with psycopg.connect(url) as connection:
        ((rate,),) = connection.execute(RATE).fetchall()
        ((left,),) = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"
        ).fetchall()
        connection.execute("TRUNCATE procrastinate_jobs CASCADE")
    if left:
        raise SystemExit(f"procrastinate left {left} jobs")
    return float(rate)


def run_worker(url: str) -> None:
    """In a process of its own: until the queue is empty."""
    from procrastinate import PsycopgConnector

    make_app(PsycopgConnector(conninfo=url)).run_worker(
        wait=False, concurrency=CONCURRENCY, listen_notify=False, install_signal_handlers=False
    )
