"""What a contract flow's parts are called where people see them: drawings, tables, notes."""

from __future__ import annotations

from gateway.core.flow_definition import (
    Condition,
    FlowDefinition,
    Otherwise,
    Stage,
    Step,
    StepKind,
    Withdrawal,
)
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_state import FlowStatus, StepStatus
from gateway.core.notice_settings import Language

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_CHINESE_UNITS = {"d": "天", "h": "小时", "m": "分钟", "s": "秒"}
_DOES = {
    StepKind.SEAL: "by itself",
    StepKind.APPROVE: "approves",
    StepKind.SIGN_OUTSIDE: "signs outside",
    StepKind.REVIEW: "reviews",
}
_STANDS = {
    StepState.OPEN: "waits",
    StepState.RELEASED: "waits for its seal",
    StepState.SEALING: "is being sealed",
    StepState.DONE: "done",
    StepState.SKIPPED: "skipped",
    StepState.REJECTED: "rejected",
    StepState.EXPIRED: "expired",
}
_WITHDRAWAL = {
    Withdrawal.ALWAYS: "may be withdrawn",
    Withdrawal.UNTIL_SIGNED: "may be withdrawn until signed",
    Withdrawal.NEVER: "never withdrawn",
}
_CHINESE = {
    "if {condition}": "当 {condition}",
    "and {condition}": "且 {condition}",
    "{field} is {words}": "{field} 为 {words}",
    " or ": " 或 ",
    "by itself": "自动用印",
    "approves": "审批",
    "signs outside": "在外部签署",
    "reviews": "审阅",
    "{does}: {seal}, {level}": "{does}：{seal}，{level}",
    "{does} in field {field}": "{does}，签名域 {field}",
    "within {time}": "{time}内",
    "a no skips it": "拒绝则跳过",
    "silence skips it": "超时则跳过",
    "a no or silence skips it": "拒绝或超时则跳过",
    "; ": "；",
    "{quorum} of {count}": "{count} 项中 {quorum} 项",
    "all of them": "全部",
    "{stage}: {wanted}": "{stage}：{wanted}",
    "waits": "等待处理",
    "waits for its seal": "等待用印",
    "is being sealed": "正在用印",
    "done": "已完成",
    "skipped": "已跳过",
    "rejected": "已拒绝",
    "expired": "已过期",
    "completed": "已完成",
    "withdrawn": "已撤回",
    "running": "进行中",
    "{said} after {time}": "{said}（{time}后）",
    "inbox {inbox}": "收件夹 {inbox}",
    "may be withdrawn": "可随时撤回",
    "may be withdrawn until signed": "首个签名前可撤回",
    "never withdrawn": "不可撤回",
    "evidence sealed with {seal}": "完成证明用印 {seal}",
    "ended: {listed}": "已结束：{listed}",
    "{state}: {why}": "{state}：{why}",
    "and {count} more": "另有 {count} 份",
}


def spelt(seconds: float, language: Language = Language.ENGLISH) -> str:
    """Write a duration as definitions do, its two largest units: `1d 12h`."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for unit, size in _UNITS:
        if left >= size or (unit == "s" and not parts):
            shown = _CHINESE_UNITS[unit] if language is Language.CHINESE else unit
            parts.append(f"{left // size}{shown}")
            left %= size
    return " ".join(parts[:2])


class FlowWords:
    """The words of one language."""

    def __init__(self, language: Language = Language.ENGLISH) -> None:
        self._language = language

    def _said(self, template: str, **values: object) -> str:
        chosen = _CHINESE[template] if self._language is Language.CHINESE else template
        return chosen.format(**values)

    def _spelt(self, seconds: float) -> str:
        return spelt(seconds, self._language)

    def conditions(self, when: tuple[Condition, ...]) -> tuple[str, ...]:
        """Return when a step is there, a line for each condition; none for always."""
        first = ("if {condition}", *("and {condition}" for _ in when))
        return tuple(
            self._said(said, condition=self._condition(one))
            for said, one in zip(first, when, strict=False)
        )

    def _condition(self, condition: Condition) -> str:
        if condition.comparison is not None:
            sign = condition.comparison.sign
            return f"{condition.field} {sign} {condition.comparison.written.lstrip('<>=! ')}"
        words = self._said(" or ").join(condition.words)
        return self._said("{field} is {words}", field=condition.field, words=words)

    def does(self, step: Step) -> str:
        """Return what a step's party does, and which signature that adds."""
        does = self._said(_DOES[step.kind])
        if step.sealing is not None:
            level = step.sealing.profile.level.value
            return self._said(
                "{does}: {seal}, {level}", does=does, seal=step.sealing.seal, level=level
            )
        if step.field:
            return self._said("{does} in field {field}", does=does, field=step.field)
        return does

    def times(self, step: Step) -> str:
        """Return how long a step may take, and what then; empty where nothing is said."""
        told = []
        if step.deadline is not None:
            told.append(self._said("within {time}", time=self._spelt(step.deadline)))
        skips = [
            word
            for word, wish in (("a no", step.on_rejection), ("silence", step.on_expiry))
            if wish is Otherwise.SKIP and step.kind.wants_act
        ]
        if skips:
            told.append(self._said(f"{' or '.join(skips)} skips it"))
        return self._said("; ").join(told)

    def stage(self, stage: Stage) -> str:
        """Return how many of a stage's steps are wanted; empty for one alone."""
        count = len(stage.steps)
        if count == 1:
            return ""
        wanted = self._said("all of them")
        if stage.quorum is not None:
            wanted = self._said("{quorum} of {count}", quorum=stage.quorum, count=count)
        if not stage.name:
            return wanted
        return self._said("{stage}: {wanted}", stage=stage.name, wanted=wanted)

    def stands(self, status: FlowStatus, step: StepStatus) -> str:
        """Return where a step stands, how long after the flow's beginning, and by which user."""
        if step.state not in _STANDS:
            return ""
        said = self._said(_STANDS[step.state])
        if step.at is not None and status.begun is not None and step.at > status.begun:
            time = self._spelt((step.at - status.begun).total_seconds())
            said = self._said("{said} after {time}", said=said, time=time)
        kind, _, name = step.actor.partition(":")
        acted = step.state in (StepState.DONE, StepState.REJECTED) and kind == "user"
        return f"{said}, {name}" if acted else said

    def terms(self, definition: FlowDefinition) -> str:
        """Return the terms of a flow as a whole, in one line."""
        told = [self._said("inbox {inbox}", inbox=definition.inbox)]
        if definition.deadline is not None:
            told.append(self._said("within {time}", time=self._spelt(definition.deadline)))
        told.append(self._said(_WITHDRAWAL[definition.withdrawal]))
        if definition.evidence is not None:
            told.append(self._said("evidence sealed with {seal}", seal=definition.evidence.seal))
        return " · ".join(told)

    def ended(self, states: dict[FlowState, int]) -> str:
        """Return how many documents have ended how; empty for none."""
        listed = [f"{count} {self._said(state.value)}" for state, count in states.items() if count]
        return self._said("ended: {listed}", listed=", ".join(listed)) if listed else ""

    def end(self, status: FlowStatus) -> str:
        """Return how one flow has ended, and why; empty for one that runs."""
        if not status.state.ended:
            return ""
        state = self._said(status.state.value)
        return self._said("{state}: {why}", state=state, why=status.why) if status.why else state

    def more(self, count: int) -> str:
        """Return that there are so many more documents."""
        return self._said("and {count} more", count=count)
