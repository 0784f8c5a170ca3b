import pytest

from journeyman.channels.errors import AddressRejectedError, RejectedError, SendError, TemporaryError, ThrottledError
from journeyman.channels.providers.smtp.replies import Stage, as_error


@pytest.mark.parametrize(
    ("stage", "code", "reply", "kind"),
    [
        ("recipient", 550, "5.1.1 <a@b.example>: no such user", AddressRejectedError),
        ("recipient", 550, "no such user", AddressRejectedError),
        ("recipient", 551, "user not local", AddressRejectedError),
        ("recipient", 553, "mailbox name not allowed", AddressRejectedError),
        ("recipient", 550, "5.4.1 recipient address rejected: access denied", AddressRejectedError),
        ("recipient", 550, "5.2.1 mailbox disabled", AddressRejectedError),
        ("data", 550, "5.1.1 no such user", AddressRejectedError),
        ("recipient", 550, "5.7.1 blocked by policy", RejectedError),
        ("recipient", 552, "5.2.2 mailbox full", RejectedError),
        ("recipient", 550, "5.1.8 sender address has no mail exchanger", RejectedError),
        ("sender", 550, "5.1.0 sender rejected", RejectedError),
        ("sender", 550, "rejected", RejectedError),
        ("data", 554, "5.7.1 looks like spam", RejectedError),
        ("data", 550, "no", RejectedError),
        ("sender", 530, "5.7.0 authentication required", TemporaryError),
        ("recipient", 450, "4.2.0 greylisted", TemporaryError),
        ("recipient", 451, "4.3.0 local error", TemporaryError),
        ("recipient", 421, "4.7.0 too many messages", ThrottledError),
        ("recipient", 450, "4.7.1 rate limited", ThrottledError),
        ("data", 452, "4.3.1 quota exceeded", ThrottledError),
    ],
)
def test_a_reply_is_sorted_by_what_follows_from_it(stage: Stage, code: int, reply: str, kind: type[SendError]) -> None:
    assert type(as_error(stage, code, reply)) is kind


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        ("rate limited, try again in 15 minutes", 900),
        ("slow down: wait 20 seconds", 20),
        ("too many messages", 60),
        ("rate: 99999 minutes", 3600),
        ("rate: 0 seconds", 1),
    ],
)
def test_the_pace_that_a_server_asks_for_is_kept(reply: str, seconds: float) -> None:
    error = as_error("recipient", 450, reply)
    assert isinstance(error, ThrottledError)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "reply",
    ["<ann.b@a.example> gone", "user ann.b@a.example\r\nunknown", "RCPT TO:<ann.b@a.example>: ('ann.b@a.example',)"],
)
def test_a_detail_has_no_address_and_one_line(reply: str) -> None:
    detail = as_error("recipient", 550, reply).detail
    assert "ann.b" not in detail
    assert detail.isprintable()
    assert len(as_error("data", 554, "x" * 5_000).detail) <= 310
