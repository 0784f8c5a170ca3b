"""Signatures of mail beside dkimpy, which verifies them as a receiver does."""

import base64
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.channels.addresses import From
from journeyman.channels.dkim import DkimSigner
from journeyman.channels.mail import compose
from tests.journeyman.channels.providers.mails import mail

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
SIGNER = DkimSigner("shop.example", "jm1", PEM)
WORDS = st.text(st.sampled_from("ab ä\t\n"), max_size=60)


def in_dns(name: bytes, timeout: float = 5) -> bytes:  # noqa: ARG001 - as dkimpy calls it
    assert name == b"jm1._domainkey.shop.example."
    public = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def verifies(signed: bytes) -> bool:
    return bool(dkim.verify(signed, dnsfunc=in_dns))


def signed(content: bytes) -> bytes:
    return SIGNER.header(content, NOON) + content


def composed(text: str = "Hello Ann", subject: str = "Grüße") -> bytes:
    written = compose(mail(text=text, subject=subject), From.parse("Shop <hello@shop.example>"), NOON)
    return written.as_bytes()


def test_a_mail_of_ours_verifies() -> None:
    assert verifies(signed(composed()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"no end",
        b"blanks  \t at the end \t \r\n\r\n \r\n\r\n",
        b" leading\r\n\r\ninside\r\n",
        b" \t\r\n",
    ],
)
def test_any_body_verifies_to_its_last_blank(body: bytes) -> None:
    assert verifies(
        signed(b"From: a@shop.example\r\nX-Folded: one\r\n \t two  three \r\nSubject:no blank\r\n\r\n" + body)
    )


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS)
def test_whatever_is_written_verifies(text: str, subject: str) -> None:
    assert verifies(signed(composed(text, subject)))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Hello Ann", b"Hello Bob"),
        (b"hello@shop.example", b"other@shop.example"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: other"),
        (b"List-Unsubscribe: <https://journeyman", b"List-Unsubscribe: <https://other"),
        (b"\r\nTo: ", b"\r\nFrom: Other <other@shop.example>\r\nTo: "),
        (b"\r\nTo: ", b"\r\nReply-To: other@shop.example\r\nTo: "),
    ],
)
def test_what_was_changed_or_added_on_the_way_does_not_verify(was: bytes, becomes: bytes) -> None:
    whole = signed(composed())
    assert was in whole
    assert not verifies(whole.replace(was, becomes, 1))


def test_what_servers_add_on_the_way_breaks_nothing() -> None:
    assert verifies(
        b"Received: from a by b; Sun, 1 Mar 2026 12:00:00 +0000\r\nReturn-Path: <>\r\n" + signed(composed())
    )


def test_the_header_is_folded_and_says_when() -> None:
    header = SIGNER.header(composed(), NOON)
    assert max(len(line) for line in header.split(b"\r\n")) <= 78
    assert b"t=%d;" % NOON.timestamp() in header
    assert header.endswith(b"\r\n")


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("domain", "selector", "key"),
    [
        ("shop.example", "jm1", "no key"),
        ("shop.example", "jm1", _pem(ed25519.Ed25519PrivateKey.generate())),
        ("shop.example; x=1", "jm1", PEM),
        ("shop.example", "jm 1", PEM),
        ("", "jm1", PEM),
    ],
)
def test_what_cannot_sign_is_refused_without_showing_the_key(domain: str, selector: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"it is no|no name of the DNS") as caught:
        DkimSigner(domain, selector, key)
    assert key not in str(caught.value)
