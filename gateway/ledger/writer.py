"""Group commit: steps of several threads are one transaction, and reach the disk together.

Theory of operation
-------------------
One connection of a process writes. A *step* is a function that is given it; the thread that
brings the first one leads: it does its own step and those that have gathered meanwhile, one after
another in one transaction, and commits. Then the next one that waits leads. So nobody waits for
company that may not come, and while one commit is on its way the next group gathers by itself.

At first a group is done on the supposition that nobody in it is refused: nothing is asked for
that could be found out later. When anything is refused after all, everything is taken back and
done anew, each step under a savepoint of its own, so that an error takes back what that step did
and nothing else. For this a step may be called twice: it changes nothing but the ledger.

No step's caller goes on before the commit of its group is on disk: neither with a result nor
with an error, for a refusal may rest on what another step of the group has written. When the
commit fails, everybody in the group is told so, and nothing of it happened.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar, cast

from gateway.core.errors import SiteFault
from gateway.ledger.connection import Connection

_MOST = 64
"""Steps that share a commit."""
Result = TypeVar("Result")


class Refused(Exception):
    """What was supposed is not so, which was found at the commit; nothing was committed."""


class Session(Protocol):
    """A connection that writes: what differs between engines."""

    def begin(self, *, supposing: bool) -> Connection:
        """Begin a transaction in which nobody else writes; `supposing` that nothing is refused."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did, and nothing else, when it raises."""

    def commit(self) -> None:
        """Return when what was done is on disk; raises `Refused`."""

    def undo(self) -> None:
        """Take back all of it, if it is still under way."""

    def close(self) -> None:
        """Close it."""


class _Waiting:
    """A step, and the thread that waits for it."""

    def __init__(self, step: Callable[[Connection], object]) -> None:
        self.step = step
        self.result: object = None
        self.failure: Exception | None = None
        self.leads = False
        self.woken = threading.Event()


class Writer:
    """What a process writes with; for many threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = threading.Lock()
        self._inside = 0
        """Identity of the thread whose turn it is."""
        self._connection: Connection | None = None
        self._gathering = threading.Lock()
        self._gathered: deque[_Waiting] = deque()
        self._led = False
        """Whether some thread leads, or is told to."""

    def mine(self) -> Connection | None:
        """Return the connection, if the calling thread is inside of a transaction."""
        return self._connection if self._inside == threading.get_ident() else None

    def together(self, step: Callable[[Connection], Result]) -> Result:
        """Do a step in a transaction that it may share; return what it returns, or raise that."""
        connection = self.mine()
        if connection is not None:
            with self._session.savepoint():
                return step(connection)
        waiting = _Waiting(step)
        with self._gathering:
            self._gathered.append(waiting)
            waiting.leads, self._led = not self._led, True
        try:
            if not waiting.leads:
                waiting.woken.wait()
            if waiting.leads:
                self._lead()
        finally:
            self._let_go(waiting)
        if waiting.failure is not None:
            raise waiting.failure.with_traceback(None)
        return cast("Result", waiting.result)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection; what the block has done is on disk when this returns.

        A transaction inside of another is undone alone, but committed with that one.
        """
        connection = self.mine()
        if connection is not None:
            with self._session.savepoint():
                yield connection
            return
        with self._turn, self._begun(supposing=False) as begun:
            yield begun

    def close(self) -> None:
        """Close the connection, after the transaction that is under way."""
        with self._turn:
            self._session.close()

    def _lead(self) -> None:
        """Do what has gathered, and tell everybody."""
        group: list[_Waiting] = []
        try:
            with self._turn:
                with self._gathering:
                    while self._gathered and len(group) < _MOST:
                        group.append(self._gathered.popleft())
                self._do(group)
        except Exception as error:
            _tell(group, error)
        except BaseException:
            _tell(group, SiteFault("ledger.busy", "who was about to commit was interrupted"))
            raise
        finally:
            for one in group:
                one.woken.set()

    def _let_go(self, waiting: _Waiting) -> None:
        """Let the next one lead; a step that was not begun when it was interrupted is not done."""
        with self._gathering:
            if waiting in self._gathered:
                self._gathered.remove(waiting)
            if not waiting.leads:
                return
            waiting.leads = False
            self._led = bool(self._gathered)
            if self._led:
                self._gathered[0].leads = True
                self._gathered[0].woken.set()

    def _do(self, group: list[_Waiting]) -> None:
        begun = done = False
        try:
            with self._begun(supposing=True) as connection:
                begun = True
                for one in group:
                    one.result = one.step(connection)
                done = True
            return
        except Refused:
            pass
        except Exception:
            if done or not begun:
                raise
        with self._begun(supposing=False) as connection:
            for one in group:
                self._do_alone(one, connection)

    def _do_alone(self, waiting: _Waiting, connection: Connection) -> None:
        """Do a step so that its error takes back nothing else."""
        raised: Exception | None = None
        try:
            with self._session.savepoint():
                try:
                    waiting.result = waiting.step(connection)
                except Exception as error:
                    raised = error
                    raise
        except Exception as error:
            if error is not raised:  # it could not be taken back alone
                raise raised or error from None
            waiting.failure = error

    @contextmanager
    def _begun(self, *, supposing: bool) -> Iterator[Connection]:
        """Yield the connection inside of a transaction of the thread whose turn it is."""
        try:
            self._connection = connection = self._session.begin(supposing=supposing)
            self._inside = threading.get_ident()
            try:
                yield connection
            finally:
                self._inside, self._connection = 0, None
            self._session.commit()
        except BaseException:
            self._session.undo()
            raise


def _tell(group: list[_Waiting], failure: Exception) -> None:
    for one in group:
        one.failure = failure
