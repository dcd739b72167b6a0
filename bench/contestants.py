"""Who else signs: each told how to run as its own documentation shows it, and timed alike."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import Stopwatch, Took
from bench.peers.key import NICKNAME, PASSWORD, write_key

_ROOT = Path(__file__).parents[1]
_PEERS = _ROOT / "bench" / "peers"
BIN = _ROOT / ".venv-bench" / "bin"
"""The benchmarks' own environment; `scripts/bench-tools.sh` makes it."""

NODE = _PEERS / "node"

_CONFIGURATION = """\
stamp-styles:
  seal: {{type: text, background: "{image}", stamp-text: " ", border-width: 0}}
"""


@dataclass(frozen=True)
class Contestant:
    """A signer that is compared with us."""

    name: str
    run: Callable[[Sequence[Path], Path], Took]
    """Signs files into a folder; returns what it took."""
    warm: bool = True
    """False when a process is started for each document."""


class LocalKey:
    """What signers with a local key need: the key, the picture of the seal, settings."""

    def __init__(self, folder: Path, image: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.key = write_key(folder / "key.p12")
        self.image = image
        self.password = folder / "password"
        self.password.write_text(PASSWORD)
        self.configuration = folder / "pyhanko.yml"
        self.configuration.write_text(_CONFIGURATION.format(image=image))

    def contestants(self) -> list[Contestant]:
        """Return those that can run on this machine."""
        return [
            Contestant("pyHanko command line, shell loop", self._command_line(1), warm=False),
            Contestant("pyHanko command line, two at a time", self._command_line(2), warm=False),
            Contestant("pyHanko library, warm loop", self._script("pyhanko_loop.py")),
            Contestant("endesive, warm loop", self._script("endesive_loop.py")),
            *([Contestant("node signpdf, warm loop", self._node)] if _has_node() else []),
            *([self._poppler()] if present("pdfsig", "certutil", "pk12util") else []),
        ]

    def _command_line(self, at_once: int) -> Callable[[Sequence[Path], Path], Took]:
        command = (
            *(str(BIN / "pyhanko"), "--config", str(self.configuration)),
            *("sign", "addsig", "--field", "-1/440,40,553,153/Seal", "--style-name", "seal"),
            *("--use-pades", "pkcs12", "--passfile", str(self.password)),
        )
        script = 'out=$1 key=$2 file=$3; shift 3; exec "$@" "$file" "$out/${file##*/}" "$key"'

        def run(files: Sequence[Path], out: Path) -> Took:
            one = ("sh", "-c", script, "sh", str(out), str(self.key), "{}", *command)
            loop = ("xargs", "-d", "\\n", "-P", str(at_once), "-I", "{}", *one)
            return timed(loop, files)

        return run

    def _node(self, files: Sequence[Path], out: Path) -> Took:
        program = ("node", str(NODE / "signpdf_loop.mjs"))
        return told(program, str(self.key), PASSWORD, str(out), *map(str, files))

    def _poppler(self) -> Contestant:
        """Return poppler's own signer, which takes its key from an NSS database."""
        database = self.folder / "nss"
        database.mkdir()
        where = ("-d", f"sql:{database}")
        _do("certutil", "-N", *where, "--empty-password")
        _do("pk12util", "-i", str(self.key), *where, "-W", PASSWORD)
        script = 'out=$1 file=$2; shift 2; exec "$@" "$file" "$out/${file##*/}"'
        options = ("-add-signature", "-nick", NICKNAME)
        command = ("pdfsig", "-nssdir", f"sql:{database}", *options)

        def run(files: Sequence[Path], out: Path) -> Took:
            one = ("sh", "-c", script, "sh", str(out), "{}", *command)
            return timed(("xargs", "-d", "\\n", "-I", "{}", *one), files)

        return Contestant("pdfsig -add-signature, shell loop", run, warm=False)

    def _script(self, name: str) -> Callable[[Sequence[Path], Path], Took]:
        def run(files: Sequence[Path], out: Path) -> Took:
            key = ("--key", str(self.key), "--password", PASSWORD)
            return told(script(name), *key, "--image", str(self.image), *into(out, files))

        return run


def remote_pyhanko(
    address: str, sandbox: Path, image: Path, in_flight: int, processes: int = 2
) -> Contestant:
    """Return the hardest stock peer: asyncio processes with calls in flight to a service."""

    def run(files: Sequence[Path], out: Path) -> Took:
        service = ("--address", address, "--sandbox", str(sandbox), "--image", str(image))
        load = ("--in-flight", str(in_flight), "--processes", str(processes))
        return told(script("pyhanko_remote.py"), *service, *load, *into(out, files))

    how = {1: "one process", 2: "two processes"}[processes]
    return Contestant(f"pyHanko library, asyncio in {how}, {in_flight} in flight", run)


def script(name: str) -> tuple[str, ...]:
    """Return the command that runs a peer's program."""
    return (str(BIN / "python"), str(_PEERS / name))


def into(out: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the arguments that say where results go and what is signed."""
    return ("--out", str(out), *map(str, files))


def timed(command: Sequence[str], files: Sequence[Path]) -> Took:
    """Return what a command takes that is given names of files on its input."""
    names = "".join(f"{path}\n" for path in files).encode()
    watch = Stopwatch()
    done = subprocess.run(command, input=names, capture_output=True, check=False)
    took = watch.took()
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr.decode()[-2000:]}")
    return took


def told(program: tuple[str, ...], *arguments: str) -> Took:
    """Return what a peer's program prints: seconds, and seconds of processor time."""
    done = subprocess.run((*program, *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program[-1]}: {done.stderr[-2000:]}")
    seconds, processor = done.stdout.split()[-2:]
    return Took(float(seconds), float(processor))


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr}")


def _has_node() -> bool:
    return present("node") and (NODE / "node_modules" / "@signpdf" / "signpdf").is_dir()


def present(*programs: str) -> bool:
    """Tell whether all programs are installed."""
    return all(shutil.which(program) for program in programs)
