"""Dates and times as a design wants them: pattern, language, time zone.

Patterns use letters of Unicode Technical Standard 35: y, M, d, E, H, m, s, x; others stand for
themselves, and a text in single quotes is taken as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_PART = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+|'")
_NUMBERED_MONTHS = tuple(f"{number}月" for number in range(1, 13))


@dataclass(frozen=True)
class _Language:
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """From Monday."""


def _language(months: str, short_months: str, weekdays: str) -> _Language:
    return _Language(tuple(months.split()), tuple(short_months.split()), tuple(weekdays.split()))


LANGUAGES = {
    "en": _language(
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    ),
    "zh": _Language(
        _NUMBERED_MONTHS,
        _NUMBERED_MONTHS,
        ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    ),
    "ja": _Language(
        _NUMBERED_MONTHS,
        _NUMBERED_MONTHS,
        ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
    ),
    "de": _language(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    ),
    "fr": _language(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "es": _language(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "lunes martes miércoles jueves viernes sábado domingo",
    ),
    "it": _language(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
        "dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "pl": _language(
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
        "listopada grudnia",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
    ),
}


def check_pattern(pattern: str) -> None:
    """Raise `ValueError` with a sentence when a pattern has a letter that means nothing here."""
    sample = datetime(2000, 1, 1, tzinfo=UTC)
    for part in _PART.finditer(pattern):
        if part.group() == "'":
            raise ValueError("a quotation mark of the pattern is not closed")
        if part.group(2) and _value(part.group(), sample, LANGUAGES["en"]) is None:
            raise ValueError(
                f"{part.group()} means nothing in a date: use yyyy, yy, MMMM, MMM, MM, M, dd, d, "
                "EEEE, HH, H, mm, ss, xxx, and quotation marks ' around words"
            )


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the tz database; raises `ValueError` with a sentence."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone: write one like Asia/Shanghai") from error


def moment(written: str) -> datetime:
    """Read a moment in ISO 8601; without an offset it is UTC. Raises `ValueError`."""
    read = datetime.fromisoformat(written)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def written(at: datetime, pattern: str, language: str, time_zone: str) -> str:
    """Write a moment as its day and hour are in the time zone."""
    here = at.astimezone(zone(time_zone))
    words = LANGUAGES[language]

    def part(found: re.Match[str]) -> str:
        if found.group(2):
            return _value(found.group(), here, words) or ""
        return found.group().strip("'")

    return _PART.sub(part, pattern)


def characters(language: str) -> frozenset[str]:
    """Return the characters that any date in a language may need."""
    words = LANGUAGES[language]
    return frozenset("".join((*words.months, *words.short_months, *words.weekdays)))


def _value(letters: str, at: datetime, words: _Language) -> str | None:
    """Return what a run of pattern letters stands for; None when it means nothing."""
    offset = f"{at:%z}"
    values = {
        "y": f"{at.year:04d}",
        "yyyy": f"{at.year:04d}",
        "yy": f"{at.year % 100:02d}",
        "MMMM": words.months[at.month - 1],
        "MMM": words.short_months[at.month - 1],
        "EEEE": words.weekdays[at.weekday()],
        "mm": f"{at.minute:02d}",
        "ss": f"{at.second:02d}",
        "xxx": f"{offset[:3]}:{offset[3:5]}",
    }
    for letter, value in (("M", at.month), ("d", at.day), ("H", at.hour)):
        values[letter] = str(value)
        values[letter * 2] = f"{value:02d}"
    return values.get(letters)
