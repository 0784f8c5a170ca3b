"""Who may do what: every operation beyond ingest, with a key of every role."""

from typing import Any

import httpx
import pytest

from api.app import create_app
from journeyman.kit.keys.keys import Role

DOCUMENT: dict[str, Any] = create_app().openapi()
OPERATIONS = [
    (method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if operation.get("security") and "ingest" not in operation["tags"]
]


NOT_FOR_READERS = {"/v1/customers/{customer_id}/export", "/v1/coupons/{key}/codes"}
"""Everything that is held of a person, at once, and codes that are worth money."""


def may(role: Role, method: str, path: str) -> bool:
    """A reader reads, an operator and an admin also write; an ingest key sends events and nothing else."""
    reads = method == "GET" and path not in NOT_FOR_READERS
    return role in {Role.OPERATOR, Role.ADMIN} or (role is Role.READ and reads)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_a_role_reaches_what_it_may(
    client: httpx.AsyncClient, keys: dict[Role, str], method: str, path: str
) -> None:
    for role, key in keys.items():
        address = path.replace("{", "").replace("}", "")
        answer = await client.request(method, address, headers={"authorization": f"Bearer {key}"}, json={})
        assert (answer.status_code != 403) is may(role, method, path), role
