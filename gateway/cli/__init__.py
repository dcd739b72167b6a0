"""The command line: parse, call, print. Exit codes: 0 done, 1 some failed, 2 usage, 3 held."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from gateway.cli.arguments import parser
from gateway.cli.output import complain, say
from gateway.core.errors import ConfigurationFault, SealgateError
from gateway.core.four_eyes import RequestFiled

__all__ = ["main"]

_MODULES = {
    "demo": "starting",
    "init": "starting",
    "run": "running",
    "sweep": "working",
    "retry": "working",
    "ledger": "ledger",
    "backup": "backups",
    "restore": "backups",
    "log": "log",
    "log_timestamp": "log_timestamps",
    "services": "services",
    "services_quota": "quota",
    "seals": "seals",
    "seals_add": "seal_making",
    "seals_draw": "seal_making",
    "seals_export": "seal_making",
    "seals_templates": "seal_making",
    "seals_waiting": "seal_approval",
    "seals_approve": "seal_approval",
    "seals_reject": "seal_approval",
    "seals_requests": "seal_requests",
    "seals_confirm": "seal_requests",
    "seals_refuse": "seal_requests",
    "nodes": "nodes",
    "notices": "notices",
    "archive": "archive",
    "rules": "rules",
    "flows": "flow_running",
    "flows_evidence": "flow_evidence",
    "flows_verify": "flow_evidence",
    **dict.fromkeys(
        (f"flows_{verb}" for verb in ("templates", "template", "simulate", "draw")), "flow_defining"
    ),
    **dict.fromkeys(
        (f"users_{verb}" for verb in ("password", "link", "totp", "unlock", "sessions")),
        "user_access",
    ),
    **dict.fromkeys(
        (f"users_tokens_{verb}" for verb in ("add", "list", "withdraw")), "user_access"
    ),
    "console": "console",
    "users": "users",
    "explain": "explaining",
    "check": "checking",
    "doctor": "checking",
}
"""Where commands are, by name or family; the others only look."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = parser().parse_args(arguments)
    verb = getattr(chosen, "verb", "")
    name = f"{chosen.command}_{verb}" if verb else chosen.command
    command: Callable[..., int] = getattr(_module_of(name), name)
    try:
        return command(chosen)
    except ConfigurationFault as fault:
        for problem in fault.problems:
            complain(str(problem))
        complain(f"{len(fault.problems)} problem(s); nothing was started")
        return 2
    except RequestFiled as filed:
        say(f"{filed.sentence}\n    {filed.remedy}")
        return 3
    except SealgateError as error:
        complain(f"{error}\n    {error.remedy}")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _module_of(name: str) -> ModuleType:
    """Import only the module of the command asked for, so that small commands start fast."""
    family = name.split("_", maxsplit=1)[0]
    module = f"gateway.cli.{_MODULES.get(name) or _MODULES.get(family) or 'looking'}"
    if module in sys.modules:
        return sys.modules[module]
    # What imports make is there to stay: looking through it for garbage is time lost.
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()
