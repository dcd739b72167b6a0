"""What notices of contract flows say besides: the step, whose turn it is, and their mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.core.chain import LogEntry
from gateway.core.flow_definition import Party
from gateway.core.flow_notices import TOLD, concern_of, labels_of
from gateway.core.flow_story import REFUSED
from gateway.core.names import display
from gateway.core.notices import Notice
from gateway.ports import Flow, Flows, Groups, People


@dataclass(frozen=True)
class FlowTelling:
    """Completes notices of flows by their books and those of the site's people."""

    flows: Flows
    people: People
    groups: Groups

    def completed(self, entry: LogEntry, notice: Notice) -> Notice:
        """Return a notice with what its flow adds; one that is of no flow stays as it is."""
        if entry.event not in TOLD:
            return notice
        details = dict(entry.details)
        flow = self.flows.get(entry.job) if entry.job else None
        if flow is None:
            return notice
        concern = concern_of(entry, flow.definition, flow.status)
        refused = entry.event == REFUSED
        return replace(
            notice,
            inbox=flow.definition.inbox,
            source=details.get("file", notice.source) if refused else flow.status.source,
            job=flow.id,
            sentence=notice.sentence if refused else display(concern.sentence),
            flow=flow.definition.name,
            step=concern.step,
            party=display(", ".join(labels_of(flow.definition, concern.parties))),
            due=concern.due,
            mail=" ".join(self._addresses(flow, concern.parties, owner=concern.owner)),
        )

    def _addresses(self, flow: Flow, parties: tuple[str, ...], *, owner: bool) -> tuple[str, ...]:
        """Return the mail addresses of some parties, each once."""
        known = (one for one in flow.definition.parties if one.name in parties)
        found = [address for party in known for address in self._of_party(party)]
        if owner and flow.status.owner:
            found.append(self._of_user(flow.status.owner))
        return tuple(dict.fromkeys(one for one in found if one))

    def _of_party(self, party: Party) -> Iterator[str]:
        """Yield a party's own address; without one, those of its people."""
        if party.mail:
            yield party.mail
        elif party.user:
            yield self._of_user(party.user)
        elif party.group:
            yield from map(self._of_user, self.groups.members(party.group))

    def _of_user(self, login: str) -> str:
        account = self.people.find(login)
        return "" if account is None or account.disabled else account.mail
