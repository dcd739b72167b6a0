"""What drawings say, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gateway.core import flow_words
from gateway.core.flow_definition import FlowDefinition, Otherwise, Party, Stage, Step, StepKind
from gateway.core.flow_drawing import Standing, drawn
from gateway.core.flow_events import FlowState
from gateway.core.flow_simulating import ChosenAct, Wait, play
from gateway.core.flow_words import spelt
from gateway.core.notice_settings import Language
from tests.core.flow_definitions import SEAL, sealing

_PLACE = re.compile(r"\{\w+\}")


def test_both_languages_say_the_same() -> None:
    """Each sentence has its counterpart, with the same words put in."""
    for english, chinese in flow_words._CHINESE.items():
        assert sorted(_PLACE.findall(english)) == sorted(_PLACE.findall(chinese)), english


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0s", "0秒"),
        (90, "1m 30s", "1分钟 30秒"),
        (3 * 86_400, "3d", "3天"),
        (90_061, "1d 1h", "1天 1小时"),
        (-5, "0s", "0秒"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    """The two largest units say enough."""
    assert spelt(seconds) == english
    assert spelt(seconds, Language.CHINESE) == chinese


def test_a_chinese_drawing_has_no_english_words() -> None:
    """All that is not a name is in the site's language."""
    parties = (Party("甲方", group="法务"), Party("乙方"))
    votes = tuple(
        Step(name, StepKind.APPROVE, party) for name, party in (("一", "甲方"), ("二", "乙方"))
    )
    stages = (
        Stage((Step("审阅", StepKind.REVIEW, "甲方", deadline=90.0, on_expiry=Otherwise.SKIP),)),
        Stage(votes, 1, "董事会"),
        Stage(tuple(replace(one, name=one.name * 2) for one in votes)),
        Stage((Step("用印", StepKind.SEAL, "甲方", sealing=sealing("用印")),)),
        Stage((Step("签署", StepKind.SIGN_OUTSIDE, "乙方", field="签名"),)),
    )
    definition = FlowDefinition("合同", "合同", parties, stages, deadline=5.0, seals=(SEAL,))
    ended = play(definition, [Wait(1), ChosenAct.parse("审阅 reject because 否")]).status
    assert ended.state is FlowState.REJECTED
    pictures = (
        drawn([definition], [Standing("合同", "a", FlowState.EXPIRED)], language=Language.CHINESE),
        drawn([definition], story=ended, language=Language.CHINESE),
    )
    for picture in pictures:
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
        words = {word for one in texts for word in re.findall(r"[A-Za-z]{2,}", one)}
        assert words <= {"company"}, words
