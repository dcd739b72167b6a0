"""Telling an empty inbox from one whose share is not mounted.

When a share goes away, the bare folder below it shows: empty, and ours to write to. Emptiness
says nothing, so the mount on which an inbox was first seen is remembered.
"""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.folders.faults import as_site_fault
from gateway.folders.filesystems import Mount, is_network, mount_of, mounts
from gateway.ports import Memory


class MountMemory:
    """Where one inbox's file system was mounted when it was last seen in order."""

    def __init__(self, settings: InboxSettings, spool: Path, memory: Memory) -> None:
        self._settings = settings
        self._spool = spool
        self._memory = memory
        self._key = f"inbox:{settings.name}:mount"

    def check(self) -> Mount:
        """Return the inbox's mount, remembering it.

        Raises `SiteFault` (`site.mount-missing`) when the one it belongs to is not there, and
        `OSError` when the mount table cannot be read.
        """
        table = mounts()
        path = self._settings.path
        present = mount_of(path, table)
        # A service manager may mount the bare folder onto itself to confine the service, so it
        # is the device, not the mount point, that tells a share from the disk below it.
        spool = mount_of(self._spool, table)
        at_home = present.device in {mount_of(Path("/"), table).device, spool.device}
        if present.fstype == "autofs":
            raise SiteFault("site.mount-missing", f"{path}: its automatic mount did not succeed")
        if self._settings.must_be_mount and at_home:
            raise SiteFault("site.mount-missing", f"{path} lies on the disk of the site itself")
        remembered = self._memory.recall(self._key)
        # The share of nodes has the whole site on it: what holds the spool now is no bare folder.
        shared = present == spool and is_network(present.fstype)
        if remembered and self._vanished(remembered, present, at_home and not shared):
            raise SiteFault("site.mount-missing", f"{path}: was on {remembered}")
        seen = f"{present.fstype} {present.point}"
        if seen != remembered:
            self._memory.remember(self._key, seen)
        return present

    def on_network(self) -> bool:
        """Tell whether the inbox lies on a network file system now; raises `SiteFault`."""
        with as_site_fault("mount table"):
            return is_network(mount_of(self._settings.path).fstype)

    def _vanished(self, remembered: str, present: Mount, at_home: bool) -> bool:
        """Tell whether the remembered mount belongs to this path and is not there.

        An inbox that was moved to another place has another path, and no mount there to miss.
        """
        fstype, _, written = remembered.partition(" ")
        point, real = Path(written), Path(os.path.realpath(self._settings.path))
        if point == present.point:
            return is_network(fstype) and at_home
        return real.is_relative_to(point) and point.is_relative_to(present.point)
