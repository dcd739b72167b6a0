"""Changing lines: dates in time zones and languages, numbers, hashes."""

from __future__ import annotations

import pytest

from gateway.core.errors import DocumentFault
from gateway.seals.artist import DesignArtist
from gateway.seals.dates import LANGUAGES
from gateway.seals.designs import changing, parse_design
from tests.seals.drawing import VALUES, draw, written


def _date(moment: str, text: str = "{date}", **how: str) -> str:
    design = parse_design({"kind": "text", "lines": [{"text": text}], "date": how})
    return written(DesignArtist().draw(design, {"moment": moment}))


@pytest.mark.parametrize(
    ("pattern", "locale", "expected"),
    [
        ("yyyy-MM-dd", "en", "2026-03-05"),
        ("dd.MM.yyyy", "de", "05.03.2026"),
        ("yyyy年M月d日", "zh", "2026年3月5日"),
        ("d MMMM yyyy", "en", "5 March 2026"),
        ("d. MMMM yyyy", "de", "5. März 2026"),
        ("d MMMM yyyy", "fr", "5 mars 2026"),
        ("EEEE, d 'de' MMMM 'de' yyyy", "es", "jueves, 5 de marzo de 2026"),
        ("yy/M/d EEEE", "zh", "26/3/5 星期四"),
        ("MMM dd", "en", "Mar 05"),
        ("d MMMM yyyy", "pl", "5 marca 2026"),
    ],
)
def test_forms_and_languages(pattern: str, locale: str, expected: str) -> None:
    """A date is written by its pattern, with the month in the design's language."""
    assert _date("2026-03-05T12:00:00+00:00", format=pattern, locale=locale) == expected


def test_another_day_in_shanghai() -> None:
    """Half past six in the evening in UTC is the next day in Shanghai."""
    moment = "2026-12-31T18:30:00+00:00"
    assert _date(moment) == "2026-12-31"
    assert _date(moment, time_zone="Asia/Shanghai") == "2027-01-01"
    assert _date(moment, "{time}", time_zone="Asia/Shanghai", time="HH:mm:ss xxx") == (
        "02:30:00 +08:00"
    )


def test_summer_time() -> None:
    """Summer time counts on the day of the moment."""
    berlin = {"time_zone": "Europe/Berlin", "time": "H:mm xxx"}
    assert _date("2026-07-01T23:30:00Z", "{date} {time}", **berlin) == "2026-07-02 1:30 +02:00"
    assert _date("2026-01-01T23:30:00Z", "{date} {time}", **berlin) == "2026-01-02 0:30 +01:00"


def test_numbers_and_hashes() -> None:
    """A serial number is filled with zeros, of a hash the first digits are shown."""
    lines = [{"text": "{serial}|{hash}|{receipt}|{signer}|{reason}|{name}|{{x}}"}]
    drawing = draw(kind="text", lines=lines, serial={"digits": 4}, hash={"digits": 8})
    text = written(drawing).replace(" ", "")
    assert text == "0042|9f86d081|R-2026-42|ErikaMustermann|Contractapproved|Erika|{x}"


def test_a_long_serial_number_is_whole() -> None:
    """A number with more digits than asked for loses none."""
    design = parse_design(
        {"kind": "text", "lines": [{"text": "{serial}"}], "serial": {"digits": 3}}
    )
    assert written(DesignArtist().draw(design, {"serial": "12345"})) == "12345"


def test_changing_tells_what_a_design_needs() -> None:
    """A design tells its placeholders, wherever they stand; a static one has none."""
    static = parse_design({"kind": "round", "upper": {"text": "{{date}}"}})
    assert changing(static) == frozenset()
    block = {
        "kind": "block",
        "title": {"text": "{signer}"},
        "lines": [{"text": "{date} {time}"}],
        "code": {"content": "{receipt}"},
    }
    assert changing(parse_design(block)) == {"signer", "date", "time", "receipt"}
    middle = {"shape": "text", "lines": [{"text": "{serial}"}]}
    assert changing(parse_design({"kind": "round", "middle": middle})) == {"serial"}


def test_a_missing_value_is_named() -> None:
    """A changing line without its value is refused, not left empty."""
    design = parse_design({"kind": "text", "lines": [{"text": "{reason}"}]})
    values = {name: value for name, value in VALUES.items() if name != "reason"}
    with pytest.raises(DocumentFault, match=r"\{reason\}") as refused:
        DesignArtist().draw(design, values)
    assert refused.value.code == "seal.design-invalid"


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", ""])
def test_a_wrong_moment_is_refused(moment: str) -> None:
    """What is no moment is refused as a fault of this drawing."""
    with pytest.raises(DocumentFault, match="moment"):
        _date(moment)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_is_whole(locale: str) -> None:
    """Each language has twelve months and seven days, and can be chosen in a design."""
    words = LANGUAGES[locale]
    assert (len(set(words.months)), len(words.short_months), len(set(words.weekdays))) == (
        12,
        12,
        7,
    )
    assert words.months[1] in _date("2026-02-05T12:00:00Z", format="MMMM", locale=locale)
