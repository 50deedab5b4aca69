#!/usr/bin/env python
"""Django's command line. Without DJANGO_SETTINGS_MODULE it uses the development settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if sys.argv[1:2] == ["runworker"]:
        # Settings give workers time limits on their connections, and never a connection pool.
        os.environ["PROCESS_ROLE"] = "worker"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
