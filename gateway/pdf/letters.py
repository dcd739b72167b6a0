"""Text as it is searched: the same words, however a producer wrote them.

A producer may write full-width parentheses or plain ones, a ligature or its letters, a radical
for an ideograph, any kind of space, and it may spread letters or break lines anywhere. Documents
and queries go through the same folding, and a map leads back from each folded character to those
it came from.

Folding is Unicode's NFKC, by base character with its marks, and beyond that: the radicals that
compatibility leaves alone become ideographs, curved quotation marks straight ones and every
hyphen `-`; what has no width (joiners, directions, variation selectors, soft hyphens) is dropped.
A run of whitespace becomes one space, or one line feed where a line ends in it, and none between
two characters of Chinese or Japanese, which take up a square each and whose distances say nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SOFT_HYPHEN = "\u00ad"
"""How a hyphen at the end of a line is told to `fold`: it may or may not be part of the word."""

_SQUARE = (
    (0x2E80, 0x2FDF),
    (0x3000, 0x30FF),
    (0x3100, 0x312F),
    (0x31A0, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFF9F),
    (0xFFE0, 0xFFEF),
    (0x20000, 0x3FFFF),
)
"""Ideographs, kana, bopomofo, their punctuation, and full-width forms: without spaces between
words. Korean has such spaces."""

_RADICALS = str.maketrans(
    "⺁⺅⺉⺋⺒⺓⺔⺖⺘⺙⺛⺞⺠⺡⺢⺣⺤⺦⺨⺬⺭⺯⺰⺱⺲⺷⺹⺺⺼⺽⺾⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⺊⺎⺝⺧⺩⺮",
    "厂亻刂㔾巳幺彑忄扌攵旡歺民氵氺灬爫丬犭示礻糹纟罓罒羊耂肀月臼艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阝雨青韦页风飞食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀卜兀月牛王竹",
)
"""The supplement of radicals (U+2E80…), which fonts share with the ideographs that look alike."""

_ALIKE = str.maketrans("‐‑‘’“”", "--''\"\"")
_DROPPED = ("Cf", "Cc", "Cs")
"""Categories: formats such as joiners and directions, controls, halves of a pair left alone."""


@dataclass(frozen=True)
class Letters:
    """Folded text, and for each of its characters the first and last it came from."""

    text: str
    first: tuple[int, ...]
    last: tuple[int, ...]
    square: tuple[bool, ...]
    """Whether it came from a character of Chinese or Japanese, such as a full-width parenthesis."""


def fold(characters: Sequence[str], *, hyphens: bool = True) -> Letters:
    """Fold a text given by character; halves of surrogate pairs may be given one by one.

    `hyphens`: whether soft hyphens, which are also those at a line's end, count as hyphens.
    """
    text: list[str] = []
    first: list[int] = []
    last: list[int] = []
    square: list[bool] = []
    space = ""
    for start, end, cluster in _clusters(characters):
        broken = cluster == SOFT_HYPHEN
        folded = ("-" if hyphens else "") if broken else _folded(cluster)
        if folded.isspace():
            newline = folded == "\n" or space == "\n"
            space = "\n" if newline else " "
            continue
        if not folded:
            continue
        wide = is_square(cluster[0])
        if space and text and not (wide and square[-1]):
            text.append(space)
            first.append(start)
            last.append(start)
            square.append(False)
        space = ""
        for letter in folded:
            text.append(letter)
            first.append(start)
            last.append(end)
            square.append(wide)
    return Letters("".join(text), tuple(first), tuple(last), tuple(square))


def is_square(character: str) -> bool:
    """Tell whether a character is one of Chinese or Japanese writing."""
    code = ord(character)
    return code >= _SQUARE[0][0] and any(low <= code <= high for low, high in _SQUARE)


def _clusters(characters: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield base characters with their combining marks: first index, last index, text."""
    start = end = 0
    cluster = ""
    for index, unit in enumerate(characters):
        if cluster and (unicodedata.combining(unit) or _completes(cluster, unit)):
            cluster, end = cluster + unit, index
            continue
        if cluster:
            yield start, end, _paired(cluster)
        start, end, cluster = index, index, unit
    if cluster:
        yield start, end, _paired(cluster)


def _completes(cluster: str, unit: str) -> bool:
    """Tell whether a unit is the second half of a surrogate pair, or joins a Hangul syllable."""
    if "\ud800" <= cluster[-1] <= "\udbff":
        return "\udc00" <= unit <= "\udfff"
    return "\u1100" <= cluster[0] <= "\u115f" and "\u1160" <= unit <= "\u11ff"


def _paired(cluster: str) -> str:
    if len(cluster) == 1:
        return cluster
    return cluster.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@lru_cache(maxsize=20_000)
def _folded(cluster: str) -> str:
    if cluster.isspace():
        return "\n" if cluster in "\r\n\v\f\x85\u2028\u2029" else " "
    compatible = unicodedata.normalize("NFKC", cluster).translate(_RADICALS).translate(_ALIKE)
    return "".join(
        letter
        for letter in compatible
        if unicodedata.category(letter) not in _DROPPED
        and not ("\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef")
        and not letter.isspace()
    )
