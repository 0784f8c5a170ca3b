"""Signature Version 4 beside botocore's, which is AWS's own."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.channels.sigv4 import AwsKey, AwsSigner

AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
KEY = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
BODY = b'{"a": 1}'
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


def theirs(method: str, url: str, body: bytes, headers: dict[str, str], key: AwsKey) -> str:
    """The signature that botocore makes for the same request at the same instant."""
    auth = SigV4Auth(Credentials(key.access_key_id, key.secret, key.session_token), "ses", "eu-central-1")
    request = AWSRequest(method, url, headers=headers, data=body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))


def ours(method: str, url: str, body: bytes, given: dict[str, str], key: AwsKey = KEY) -> dict[str, str]:
    return AwsSigner(key, "eu-central-1", "ses").headers(method, url, body, AT, given)


def test_the_example_of_the_documentation_comes_out() -> None:
    """`get-vanilla` of the test suite that AWS publishes for Signature Version 4."""
    signed = AwsSigner(KEY, "us-east-1", "service").headers("GET", "https://example.amazonaws.com/", b"", AT, {})
    assert signed["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


@pytest.mark.parametrize("token", [None, "a session's token"])
@pytest.mark.parametrize("path", ["/", "/v2/email/outbound-emails", "/a%20b/c", "/x?b=2&a=1&a=0&empty="])
def test_it_is_the_same_as_botocores(path: str, token: str | None) -> None:
    key = AwsKey(KEY.access_key_id, KEY.secret, token)
    url = f"http://127.0.0.1:4566{path}"
    signed = ours("POST", url, BODY, {"Content-Type": "application/json"}, key)
    authorization = signed.pop("Authorization")
    assert authorization.endswith(f"Signature={theirs('POST', url, BODY, signed, key)}")
    assert ("X-Amz-Security-Token" in signed) == (token is not None)
    assert urlsplit(url).netloc not in signed.values()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), PLAIN, st.sampled_from(["GET", "POST", "PUT"]))
def test_whatever_is_in_it_it_is_the_same_as_botocores(body: bytes, value: str, method: str) -> None:
    url = "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails"
    signed = ours(method, url, body, {"X-Thing": f"a  {value}"})
    assert signed.pop("Authorization").endswith(theirs(method, url, body, signed, KEY))
