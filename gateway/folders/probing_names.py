"""Which names can be had here, and which of them are one."""

from __future__ import annotations

import os
import unicodedata

from gateway.core.names import LONGEST
from gateway.folders.finding import Finding, Ground, fail, note, ok
from gateway.folders.opening import exists, names_in
from gateway.folders.probing_moves import make

_COMPOSED = "caf\u00e9-\u5408\u540c"
_FOREIGN = "latin-\udce9"  # one byte that is no UTF-8, as old scanners and archives write it


def case(ground: Ground) -> Finding:
    """Look for a file by its name in capitals."""
    what = "capitals in names"
    make(ground, "lower-case")
    if exists("LOWER-CASE", dir_fd=ground.folder):
        return note(what, "do not count: a.pdf and A.PDF are one file, results are numbered")
    return ok(what, "count: a.pdf and A.PDF are two files")


def unicode(ground: Ground) -> Finding:
    """Make a file with accents and Chinese, and look how it is listed and found."""
    what = "accents and Chinese in names"
    composed, taken_apart = (unicodedata.normalize(form, _COMPOSED) for form in ("NFC", "NFD"))
    before = set(names_in(ground.folder))
    try:
        make(ground, composed)
    except OSError as error:
        return fail(what, f"cannot be had: {error.strerror}; mount it with a UTF-8 character set")
    listed = set(names_in(ground.folder)) - before
    if listed == {taken_apart}:
        return note(what, "are taken apart (NFD), as by macOS: names of results look the same")
    if listed != {composed}:
        return fail(what, "come back changed; mount it with a UTF-8 character set")
    if exists(taken_apart, dir_fd=ground.folder):
        return note(what, "both ways of writing an accent (NFC, NFD) are one name")
    return ok(what, "stay as they are; the two ways of writing an accent (NFC, NFD) are two names")


def foreign(ground: Ground) -> Finding:
    """Make a file whose name is no UTF-8."""
    what = "names that are no UTF-8"
    try:
        make(ground, _FOREIGN)
    except OSError:
        return note(what, "cannot be had here")
    if _FOREIGN not in names_in(ground.folder):
        return note(what, "come back changed")
    return ok(what, "stay as they are")


def longest(ground: Ground) -> Finding:
    """Make a file with as long a name as results may have."""
    what = "longest name"
    told = os.statvfs(ground.folder).f_namemax
    try:
        make(ground, "n" * LONGEST)
    except OSError:
        return note(what, f"{told} bytes, less than {LONGEST}: results with longer names are held")
    return ok(what, f"{LONGEST} bytes")
