"""Customers with what they agreed to, taken over by one call, on both databases."""

from typing import Any

import pytest

from tests.world import World, world

HISTORY = {"imported": {"source": "crm"}}
SAID = {
    "email": {
        "status": "yes",
        "at": "2024-05-01T10:00:00+02:00",
        "source": "old shop",
        "wording": "Write to me",
        "basis": "contract",
        "expires_at": "2030-01-01T00:00:00Z",
    },
    "sms": {"status": "no"},
}


def row(user: str = "ann", **parts: Any) -> dict[str, Any]:
    call = {"type": "identify", "userId": user, "messageId": f"row-{user}", "timestamp": "2020-02-02T00:00:00Z"}
    return {**call, "context": HISTORY, "consents": SAID, **parts}


async def taken(made: World, *calls: Any) -> Any:
    answer = await made.http.post("/v1/imports", json={"batch": calls})
    await made.settle()
    return answer


async def test_l1_consent_comes_with_its_source_wording_time_and_basis(database_url: str) -> None:
    async with world(database_url) as made:
        assert (await taken(made, row())).json() == {"success": True}
        assert (await taken(made, row())).status_code == 200
        email, sms = (await made.get("/v1/customers/ann/consent"))["items"]
        assert email == {
            "subject": "email",
            "status": "yes",
            "since": "2024-05-01T08:00:00Z",
            "basis": "contract",
            "source": "old shop",
            "wording": "Write to me",
            "actor": "import",
            "expires_at": "2030-01-01T00:00:00Z",
            "recorded_at": "2026-03-02T12:00:00Z",
        }
        assert (sms["status"], sms["since"], sms["source"]) == ("no", "2020-02-02T00:00:00Z", "import crm")
        assert len((await made.get("/v1/customers/ann/consent/history"))["items"]) == 2


@pytest.mark.parametrize(
    ("consents", "pointer"),
    [
        ({"email": {"status": "maybe"}}, "/batch/1/consents/email/status"),
        ({"email": {"status": "yes", "at": "soon"}}, "/batch/1/consents/email/at"),
        ({"email": {"status": "yes", "at": "9999-12-31T23:59:59Z"}}, "/batch/1/consents/email/at"),
        ({"email": {"status": "yes", "basis": "because"}}, "/batch/1/consents/email/basis"),
        ({"e mail": {"status": "yes"}}, "/batch/1/consents/e mail/[key]"),
        ("yes", "/batch/1/consents"),
    ],
)
async def test_what_no_consent_can_be_is_refused_by_its_place(database_url: str, consents: Any, pointer: str) -> None:
    async with world(database_url) as made:
        answer = await taken(made, row(), row("bob", consents=consents))
        assert (answer.status_code, answer.json()["accepted"]) == (207, 1)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_l1_a_yes_of_an_unknown_time_never_overrides_a_no(database_url: str) -> None:
    async with world(database_url) as made:
        await made.shop.introduce("ann", consent="no")
        yes = {"email": {"status": "yes"}}
        await taken(made, row(timestamp=None, consents=yes), row("bob", timestamp=None, consents=yes))
        assert [(await made.get(f"/v1/customers/{name}/consent"))["items"][0]["status"] for name in ("ann", "bob")] == [
            "no",
            "yes",
        ]
