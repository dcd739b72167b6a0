"""Group commit: steps of several threads are one transaction, and reach the disk together.

Theory of operation
-------------------
A *step* is a function that is given the connection that writes. The thread that brings the first
one leads: it waits for its turn, begins a transaction, does its own step and those that have
gathered meanwhile, one after another, and commits. The first that it leaves behind leads next. So
nobody waits for company that may not come, and while one group works or is on its way to the disk
the next one gathers by itself.

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


class Transaction(Protocol):
    """One that is under way: what differs between engines."""

    @property
    def connection(self) -> Connection:
        """What it is worked with."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did, and nothing else, when it raises."""

    def commit(self) -> None:
        """Let the next one begin, which sees what this one did; raises `Refused`."""

    def settle(self) -> None:
        """Return when what was done is on disk, after `commit`; raises `Refused`."""

    def undo(self) -> None:
        """Take back all of it."""


class Engine(Protocol):
    """Where transactions begin."""

    def begin(self, *, supposing: bool) -> Transaction:
        """Begin one beside which nobody writes; `supposing` that nothing is refused."""

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

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._inside = 0
        """Identity of the thread whose turn it is."""
        self._under_way: Transaction | None = None
        self._gathering = threading.Lock()
        self._gathered: deque[_Waiting] = deque()
        self._led = False
        """Whether some thread leads, or is told to."""

    def mine(self) -> Transaction | None:
        """Return the transaction inside of which the calling thread is, if there is one."""
        return self._under_way if self._inside == threading.get_ident() else None

    def together(self, step: Callable[[Connection], Result]) -> Result:
        """Do a step in a transaction that it may share; return what it returns, or raise that."""
        outer = self.mine()
        if outer is not None:
            with outer.savepoint():
                return step(outer.connection)
        waiting = _Waiting(step)
        with self._gathering:
            self._gathered.append(waiting)
            waiting.leads, self._led = not self._led, True
        try:
            if not waiting.leads:
                waiting.woken.wait()
        except BaseException:
            self._withdraw(waiting)
            raise
        if waiting.leads:
            self._lead()
        if waiting.failure is not None:
            raise waiting.failure.with_traceback(None)
        return cast("Result", waiting.result)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection; what the block has done is on disk when this returns.

        A transaction inside of another is undone alone, but committed with that one.
        """
        outer = self.mine()
        if outer is not None:
            with outer.savepoint():
                yield outer.connection
            return
        with self._begun(supposing=False) as begun:
            yield begun.connection

    def close(self) -> None:
        """Close the engine, after the transaction that is under way."""
        with self._turn:
            self._engine.close()

    def _lead(self) -> None:
        """Do what has gathered, and tell everybody."""
        group: list[_Waiting] = []
        try:
            self._do(group)
        except BaseException as error:
            interrupted = SiteFault("ledger.busy", "who was about to commit was interrupted")
            for one in group or self._gather():
                one.failure = error if isinstance(error, Exception) else interrupted
                one.woken.set()
            if not isinstance(error, Exception):
                raise
        for one in group:
            one.woken.set()

    def _gather(self) -> list[_Waiting]:
        """Return who has gathered, and let the next one lead."""
        with self._gathering:
            group = [self._gathered.popleft() for _ in range(min(_MOST, len(self._gathered)))]
            self._pass_on()
        return group

    def _withdraw(self, waiting: _Waiting) -> None:
        """Take away the step of one who was interrupted, if it was not begun."""
        with self._gathering:
            if waiting in self._gathered:
                self._gathered.remove(waiting)
                if waiting.leads:
                    self._pass_on()

    def _pass_on(self) -> None:
        self._led = bool(self._gathered)
        if self._led:
            self._gathered[0].leads = True
            self._gathered[0].woken.set()

    def _do(self, group: list[_Waiting]) -> None:
        """Do the steps of a group, which gathers when the transaction has begun."""
        done = False
        try:
            with self._begun(supposing=True) as transaction:
                group += self._gather()
                for one in group:
                    one.result = one.step(transaction.connection)
                done = True
            return
        except Refused:
            pass
        except Exception:
            if done or not group:
                raise
        with self._begun(supposing=False) as transaction:
            for one in group:
                _do_alone(one, transaction)

    @contextmanager
    def _begun(self, *, supposing: bool) -> Iterator[Transaction]:
        """Yield a transaction of the thread whose turn it is; it is on disk when this returns."""
        with self._turn:
            transaction = self._engine.begin(supposing=supposing)
            try:
                self._inside, self._under_way = threading.get_ident(), transaction
                try:
                    yield transaction
                finally:
                    self._inside, self._under_way = 0, None
                transaction.commit()
            except BaseException:
                transaction.undo()
                raise
        transaction.settle()


def _do_alone(waiting: _Waiting, transaction: Transaction) -> None:
    """Do a step so that its error takes back nothing else."""
    raised: Exception | None = None
    try:
        with transaction.savepoint():
            try:
                waiting.result = waiting.step(transaction.connection)
            except Exception as error:
                raised = error
                raise
    except Exception as error:
        if error is not raised:  # it could not be taken back alone
            raise raised or error from None
        waiting.failure = error
