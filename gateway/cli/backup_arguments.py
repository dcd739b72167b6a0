"""The command line of `sealgate backup` and `sealgate restore`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add_backups(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add `backup` and `restore` to the commands."""
    backup = command(commands, "backup", "back a site up, at work or not", table=True)
    backup.add_argument("target", type=Path, metavar="TARGET", help="a new folder is made in it")
    backup.add_argument(
        "--archive", action="store_true", help="with the archive and the failed originals"
    )
    backup.add_argument(
        "--secrets", action="store_true", help="with secrets and private keys: guard it well"
    )
    restore = command(commands, "restore", "bring a site back from a backup", table=True)
    restore.add_argument("source", type=Path, metavar="BACKUP", help="the folder that backup made")
    restore.add_argument("--check", action="store_true", help="check the backup, and nothing else")
    restore.add_argument(
        "--over", action="store_true", help="give what is there other names, and restore"
    )
    restore.add_argument(
        "--flawed", action="store_true", help="also when its signing log is not whole"
    )
