"""Signatures beside the worked example of Standard Webhooks' own libraries."""

import base64
from datetime import UTC, datetime

from journeyman.channels.webhooks.signatures import secret_of, signed

AT = datetime.fromtimestamp(1614265330, UTC)


def test_the_worked_example_comes_out() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, body) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_name_and_each_key_has_a_secret_of_its_own() -> None:
    secrets = {secret_of(key, name) for key in (b"one", b"two") for name in ("vip", "lost")}
    assert len(secrets) == 4
    assert secret_of(b"one", "vip") in secrets
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in secrets} == {32}
