"""Numbers as office programs print them in automatic numbering: 一、 （二） 3. ④ 壹 甲."""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


def chinese(number: int) -> str:
    """Counting numbers up to 9,999: 十一, 二十, 一百零三."""
    return _spelled(number, "零" + _DIGITS[1:], ("", "十", "百", "千"), "零", short_ten=True)


def legal(number: int) -> str:
    """Numbers as on cheques: 壹拾壹."""
    return _spelled(number, _LEGAL, ("", "拾", "佰", "仟"), "零", short_ten=False)


def _spelled(number: int, digits: str, units: tuple[str, ...], zero: str, *, short_ten: bool) -> str:
    if not 0 < number < 10_000:
        return digits[0] if number == 0 else str(number)
    out = ""
    skipped = False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            skipped = bool(out)
            continue
        out += (zero if skipped else "") + digits[digit] + units[place]
        skipped = False
    return out[1:] if short_ten and out.startswith("一十") else out


def digitwise(number: int) -> str:
    """Digit by digit: 二〇."""
    return "".join(_DIGITS[int(digit)] for digit in str(number)) if number >= 0 else str(number)


def roman(number: int) -> str:
    """Small Roman numerals."""
    if not 0 < number < 4000:
        return str(number)
    out = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        out += sign * count
    return out


def letter(number: int) -> str:
    """A to z, then aa, bb, as Word goes on."""
    if not 0 < number <= 780:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _circled(number: int) -> str:
    if 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if 21 <= number <= 35:
        return chr(0x3251 + number - 21)
    return chr(0x32B1 + number - 36) if 36 <= number <= 50 else str(number)


def _range(first: int, last: int) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if 1 <= number <= last else str(number)


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 1 <= number <= len(signs) else str(number)


def _wide(number: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) if digit.isdigit() else digit for digit in str(number))


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalFullWidth": _wide,
    "decimalFullWidth2": _wide,
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": lambda number: roman(number).upper(),
    "lowerRoman": roman,
    "upperLetter": lambda number: letter(number).upper(),
    "lowerLetter": letter,
    "ordinal": lambda number: f"{number}.",
    "ideographDigital": digitwise,
    "japaneseDigitalTenThousand": digitwise,
    "taiwaneseDigital": digitwise,
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "koreanDigital2": chinese,
    "chineseLegalSimplified": legal,
    "ideographLegalTraditional": legal,
    "japaneseLegal": legal,
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _range(0x2474, 20),
    "decimalEnclosedFullstop": _range(0x2488, 20),
    "ideographEnclosedCircle": _range(0x3280, 10),
    "none": lambda _: "",
    "bullet": lambda _: "",
}

BINARY = {
    0: "decimal",
    1: "upperRoman",
    2: "lowerRoman",
    3: "upperLetter",
    4: "lowerLetter",
    5: "ordinal",
    10: "ideographDigital",
    11: "japaneseCounting",
    14: "decimalFullWidth",
    15: "decimalHalfWidth",
    16: "japaneseLegal",
    17: "japaneseDigitalTenThousand",
    18: "decimalEnclosedCircle",
    19: "decimalFullWidth2",
    22: "decimalZero",
    23: "bullet",
    26: "decimalEnclosedFullstop",
    27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese",
    29: "ideographEnclosedCircle",
    30: "ideographTraditional",
    31: "ideographZodiac",
    33: "taiwaneseCounting",
    34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand",
    36: "taiwaneseDigital",
    37: "chineseCounting",
    38: "chineseLegalSimplified",
    39: "chineseCountingThousand",
    255: "none",
}
"""Format codes of binary Word files, [MS-OSHARED] 2.2.1.3, by the names of ISO/IEC 29500."""


def spell(number: int, number_format: str) -> str:
    """A number in a format of ISO/IEC 29500 (ST_NumberFormat); unknown formats count in decimal."""
    return _FORMATS.get(number_format, str)(number)
