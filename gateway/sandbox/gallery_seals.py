"""The seals of the gallery: every kind, in Latin and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.seals.designs import parse_design
from gateway.seals.templates import template

MOMENT = "2026-11-24T06:30:00+00:00"
VALUES = {
    "moment": MOMENT,
    "date": "2026-11-24",
    "time": "06:30",
    "serial": "42",
    "signer": "Erika Mustermann",
    "reason": "Contract approved",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "receipt": "R-2026-42",
    "name": "Erika Mustermann",
}
"""What changing lines show: the same in every gallery, so that it can be made again."""

_COMPANY = "北京某某科技有限公司"
_FLOWER = (
    "M 0 -10 C 6 -16 14 -10 9.5 -3.1 C 17 -1 18 9 5.9 8.1 C 8 16 -8 16 -5.9 8.1 "
    "C -18 9 -17 -1 -9.5 -3.1 C -14 -10 -6 -16 0 -10 Z M 0 -4 A 4 4 0 1 0 0 4 A 4 4 0 1 0 0 -4 Z"
)
_HAND = (
    "M 5 62 C 18 20 34 4 40 12 C 46 22 24 58 18 70 C 30 48 44 40 50 46 C 54 52 44 66 50 67 "
    "C 58 68 64 50 70 44 C 68 54 66 66 72 66 C 80 66 86 48 92 44 C 88 54 86 66 94 65 "
    "C 104 62 108 50 118 46 C 130 42 128 62 116 64 C 110 64 112 52 122 48",
    "M 136 14 C 130 34 126 52 130 64 C 140 52 150 44 156 48 C 160 54 150 66 158 66 "
    "C 168 64 174 52 182 48 C 190 46 196 48 196 52 C 190 46 176 56 180 64 C 188 68 196 54 200 48 "
    "C 196 60 198 68 206 64 C 222 56 236 54 258 58",
)


@dataclass(frozen=True)
class Exhibit:
    """A seal of the gallery."""

    name: str
    """Of its picture."""
    what: str
    design: bytes


def exhibits() -> tuple[Exhibit, ...]:
    """Return every seal of the gallery."""
    return (*_round_ones(), *_ovals(), *_blocks(), *_personal(), *_codes())


def _round_ones() -> tuple[Exhibit, ...]:
    institute = parse_design(
        {
            "kind": "round",
            "width": 38,
            "colour": "stamp-green",
            "second_rim": {},
            "ring": {"size": 0.6},
            "separator": "diamond",
            "upper": {"text": "BUREAU OF STANDARDS"},
            "lower": {"text": "APPROVED"},
            "middle": {"shape": "text", "lines": [{"text": "{date}"}, {"text": "No. {serial}"}]},
        }
    )
    association = parse_design(
        {
            "kind": "round",
            "turn": -6,
            "upper": {"text": "某某市园艺协会"},
            "middle": {"shape": "emblem", "path": _FLOWER, "even_odd": True},
            "line": {"text": "会员专用"},
        }
    )
    stock = {"text": "上海浦东某某新能源汽车技术股份有限公司", "serial": "3101150012345"}
    group = {"text": "深圳市某某（集团）有限公司", "serial": "4403001234567"}
    latin = {"text": "NORTHWIND TRADING COMPANY LTD.", "lower": "ESTABLISHED 1998"}
    department = {"text": _COMPANY, "lower": "人力资源部"}
    return (
        Exhibit(
            "limited-company",
            "template `limited-company`",
            template("limited-company", text=_COMPANY, serial="1101081234567"),
        ),
        Exhibit(
            "joint-stock-company",
            "template `joint-stock-company`",
            template("joint-stock-company", **stock),
        ),
        Exhibit("contract", "template `contract`", template("contract", **group)),
        Exhibit("finance", "template `finance`", template("finance", text=_COMPANY)),
        Exhibit("department", "template `department`", template("department", **department)),
        Exhibit("corporate", "template `corporate`", template("corporate", **latin)),
        Exhibit("round-dated", "a ring, the date and a running number within", institute),
        Exhibit("round-emblem", "a figure of your own, set by hand a little askew", association),
    )


def _ovals() -> tuple[Exhibit, ...]:
    paid = parse_design(
        {
            "kind": "oval",
            "colour": "stamp-violet",
            "second_rim": {},
            "separator": "star",
            "upper": {"text": "CITY TAX OFFICE"},
            "middle": [{"text": "PAID"}, {"text": "{date}"}],
            "lower": {"text": "SOUTH DISTRICT"},
        }
    )
    return (
        Exhibit(
            "invoice-oval",
            "template `invoice-oval`",
            template("invoice-oval", text=_COMPANY, serial="91110108MA01ABCD2X"),
        ),
        Exhibit("oval-paid", "an oval with text above and below", paid),
    )


def _blocks() -> tuple[Exhibit, ...]:
    chinese = parse_design(
        {
            "kind": "block",
            "width": 80,
            "height": 28,
            "border": {"line": 0.4, "corner": 1.5},
            "title": {"text": "电子签名"},
            "rule": 0.15,
            "lines": [
                {"text": "签名人：{signer}"},
                {"text": "日期：{date} {time}"},
                {"text": "摘要：{hash}"},
            ],
            "code": {"content": "https://verify.example.com/{receipt}", "side": "left"},
            "date": {"format": "yyyy年M月d日", "locale": "zh", "time_zone": "Asia/Shanghai"},
        }
    )
    return (
        Exhibit(
            "signature-block",
            "template `signature-block`",
            template("signature-block", content="https://verify.example.com/{receipt}"),
        ),
        Exhibit("signature-block-chinese", "the same in Chinese, the code at its left", chinese),
        Exhibit(
            "received-stamp",
            "template `received-stamp`",
            template("received-stamp", text="Registry Office"),
        ),
        Exhibit("text-only", "template `text-only`", template("text-only")),
    )


def _personal() -> tuple[Exhibit, ...]:
    tall = {"kind": "name", "width": 10, "height": 24, "text": "欧阳修", "ground": "red"}
    latin = {"kind": "name", "text": "E. M.", "colour": "stamp-blue"}
    return (
        Exhibit(
            "personal-name",
            "template `personal-name`, coloured letters (阳文)",
            template("personal-name", text="张三丰"),
        ),
        Exhibit(
            "personal-name-white",
            "the same with white letters (阴文)",
            template("personal-name", text="王伟之印", ground="red"),
        ),
        Exhibit("name-tall", "a name seal of one column", parse_design(tall)),
        Exhibit("name-initials", "initials", parse_design(latin)),
        Exhibit(
            "handwritten",
            "template `handwritten`",
            template("handwritten", name="Erika Mustermann", strokes=_HAND),
        ),
    )


def _codes() -> tuple[Exhibit, ...]:
    address = "https://verify.example.com/{receipt}"
    return (
        Exhibit("qr", "template `qr`", template("qr", content=address, caption="Scan to verify")),
        Exhibit(
            "data-matrix",
            "template `data-matrix`",
            template("data-matrix", content="SG-{serial}-{hash}", caption="No. {serial}"),
        ),
    )
