"""Colours of CSS and how well one is read on another (WCAG 2.2)."""

import re
from typing import Final

Color = tuple[int, int, int]

WHITE: Final[Color] = (255, 255, 255)
_NAMES: Final[dict[str, Color]] = {
    "black": (0, 0, 0),
    "silver": (192, 192, 192),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "white": WHITE,
    "maroon": (128, 0, 0),
    "red": (255, 0, 0),
    "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255),
    "green": (0, 128, 0),
    "lime": (0, 255, 0),
    "olive": (128, 128, 0),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
    "blue": (0, 0, 255),
    "teal": (0, 128, 128),
    "aqua": (0, 255, 255),
    "orange": (255, 165, 0),
    "darkgray": (169, 169, 169),
    "lightgray": (211, 211, 211),
    "whitesmoke": (245, 245, 245),
}
_HEX: Final = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*1(?:\.0*)?\s*)?\)")
_LARGEST: Final = 255


def color_of(text: str) -> Color | None:
    """The colour that a text begins with; None where it is none, not opaque, or one that is not known here."""
    word = text.strip().lower().removesuffix("!important").strip()
    if found := _HEX.match(word):
        digits = found.group(1)
        digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits  # noqa: PLR2004 - #abc
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.match(word):
        red, green, blue = (min(int(part), _LARGEST) for part in found.groups())
        return red, green, blue
    return _NAMES.get(word.split(" ", maxsplit=1)[0])


def luminance(color: Color) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition)."""
    red, green, blue = (_linear(part / _LARGEST) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def written(color: Color) -> str:
    """The colour as CSS has it."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - of sRGB
