import pytest

from journeyman.channels.lint.colors import Color, color_of, contrast, written


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#fff", (255, 255, 255)),
        ("#3D3a34 !important", (61, 58, 52)),
        ("rgb(1, 2, 300)", (1, 2, 255)),
        ("rgba(1 2 3 / 1)", (1, 2, 3)),
        ("White url-less", (255, 255, 255)),
        ("#ffff", None),
        ("rgba(0,0,0,.5)", None),
        ("transparent", None),
        ("var(--x)", None),
        ("", None),
    ],
)
def test_colours_are_read_as_far_as_they_are_plain(text: str, color: Color | None) -> None:
    assert color_of(text) == color


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # As the contrast checkers of WebAIM and the W3C's examples give them.
    [("#000", "#fff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0), ("#aaa", "#aaa", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    first, second = color_of(one), color_of(other)
    assert first is not None
    assert second is not None
    assert contrast(first, second) == contrast(second, first) == pytest.approx(ratio, abs=0.01)


def test_colours_are_written_as_css_has_them() -> None:
    assert written((61, 58, 5)) == "#3d3a05"
