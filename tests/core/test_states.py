"""The table of transitions."""

from __future__ import annotations

import itertools

import pytest

from gateway.core.errors import UsageFault
from gateway.core.states import TERMINAL, TRANSITIONS, Event, State, follow


def _reachable(start: State) -> set[State]:
    """Return the states that can follow from one, itself included."""
    reached, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for (before, _), after in TRANSITIONS.items():
            if before is state and after not in reached:
                reached.add(after)
                waiting.append(after)
    return reached


def test_every_state_is_reachable() -> None:
    """No state stands in the table without a way to it."""
    assert _reachable(State.CLAIMED) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_way_to_an_end(state: State) -> None:
    """From nowhere is a job stuck for ever."""
    assert _reachable(state) & TERMINAL


def test_ends_are_ends() -> None:
    """From an end nothing leads on, but a failed job may be retried."""
    out = {
        (state, event): after for (state, event), after in TRANSITIONS.items() if state in TERMINAL
    }
    assert out == {(State.FAILED, Event.RETRIED): State.CLAIMED}


@pytest.mark.parametrize("event", sorted(set(Event) - {Event.CLAIMED}))
def test_every_event_has_a_place(event: Event) -> None:
    """Each event but the first one, which makes the job, happens in some state."""
    assert any(known is event for _, known in TRANSITIONS)


def test_claiming_is_no_transition() -> None:
    """A job is claimed when it is made, and never again."""
    assert all(event is not Event.CLAIMED for _, event in TRANSITIONS)


def test_waiting_does_not_move_a_job() -> None:
    """A held job stays where it is, wherever something is left to do."""
    for state in set(State) - TERMINAL:
        assert follow(state, Event.HELD) is state


def test_a_delivered_job_cannot_fail() -> None:
    """What is in the outbox is never called a failure."""
    assert State.FAILING not in _reachable(State.DELIVERED)
    assert _reachable(State.DELIVERED) == {State.DELIVERED, State.ARCHIVED}


def test_a_signature_is_asked_for_only_from_prepared() -> None:
    """The one way to the paid call leads through the stored placeholder and digest."""
    assert [state for (state, event) in TRANSITIONS if event is Event.SENT] == [State.PREPARED]
    ways = {(state, event) for (state, event), after in TRANSITIONS.items() if after is State.SENT}
    assert ways == {(State.PREPARED, Event.SENT), (State.SENT, Event.HELD)}


def test_a_received_signature_is_not_asked_for_again() -> None:
    """From SIGNED on, the paid call lies ahead only after a failure and a person's retry."""
    without_retry = {
        key: after for key, after in TRANSITIONS.items() if key[1] is not Event.RETRIED
    }
    reached = {State.SIGNED}
    for _ in State:
        reached |= {after for (state, _), after in without_retry.items() if state in reached}
    assert not reached & {State.PREPARED, State.SENT}


def test_illegal_events_name_themselves() -> None:
    """Every pair that the table does not know is refused, naming event and state."""
    for state, event in itertools.product(State, Event):
        if (state, event) in TRANSITIONS:
            assert follow(state, event) is TRANSITIONS[state, event]
            continue
        with pytest.raises(UsageFault) as fault:
            follow(state, event)
        assert fault.value.code == "usage.illegal-transition"
        assert fault.value.detail == f"{event} in state {state}"


def test_events_are_noun_and_verb() -> None:
    """Names of events are stable words of the signing log."""
    assert all(
        event.value.count(".") == 1 and event.value == event.value.lower() for event in Event
    )
