"""How a ramp grows, and whose mailboxes are one part."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from journeyman.channels.configuration import read_providers
from journeyman.channels.warming.ramp import WarmUp, part_of

FIRST = date(2026, 11, 1)


def days(ramp: WarmUp, part: str = "gmail") -> list[dict[str, int]]:
    return [ramp.bounds(part, FIRST + timedelta(days=number)) for number in range(-1, 5)]


def test_it_grows_by_the_day_and_ends() -> None:
    ramp = WarmUp(started=FIRST, first_day=50, growth=1.5, until=200)
    assert [one.get("gmail") for one in days(ramp)] == [0, 50, 75, 112, 168, None]
    assert days(ramp)[-1] == {}
    assert ramp.bounds("gmail", FIRST + timedelta(days=100_000)) == {}


def test_it_counts_by_part_in_all_or_both() -> None:
    assert WarmUp(started=FIRST, by="all").bounds("yahoo", FIRST) == {"all": 50}
    both = WarmUp(started=FIRST, in_all=120, growth=2).bounds("yahoo", FIRST + timedelta(days=1))
    assert (both, list(both)[-1]) == ({"yahoo": 100, "all": 240}, "all")


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("a@gmail.com", "gmail"),
        ("a@GoogleMail.com", "gmail"),
        ("a@hotmail.co.uk", "outlook"),
        ("a@outlook.de", "outlook"),
        ("a@live.example.com", "other"),
        ("a@yahoo.co.jp", "yahoo"),
        ("a@aol.com", "yahoo"),
        ("a@icloud.com", "apple"),
        ("a@notgmail.com", "other"),
        ("a@gmail.com.evil.example", "other"),
        ("a@shop.example", "other"),
    ],
)
def test_a_part_is_whose_mailbox_it_is(address: str, part: str) -> None:
    assert part_of(address) == part


@pytest.mark.parametrize(
    ("ramp", "wrong"),
    [("{first_day: 5}", "started"), ("{started: 2026-11-01, growth: 1}", "growth"), ("{started: soon}", "started")],
)
def test_a_ramp_that_cannot_be_is_named(tmp_path: Path, ramp: str, wrong: str) -> None:
    file = tmp_path / "providers.yaml"
    text = "providers: {new: {provider: smtp, url: 'smtp://127.0.0.1:1', mail_from: a@b.example, warm_up: RAMP}}"
    file.write_text(text.replace("RAMP", ramp))
    with pytest.raises(ValueError, match=f"warm_up/{wrong}"):
        read_providers(file, {})


def test_only_mail_has_ramps(tmp_path: Path) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text("providers: {t: {provider: telegram, token: '1:x', warm_up: {started: 2026-11-01}}}")
    with pytest.raises(ValueError, match="warm_up"):
        read_providers(file, {})
