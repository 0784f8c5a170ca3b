"""Ad networks on loopback, as their documentation has them: each with one audience."""

import json
import re
from abc import abstractmethod
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from google.ads import datamanager_v1
from google.protobuf import json_format

from journeyman.channels.ads.google import SCOPE, GoogleSettings
from journeyman.channels.ads.linkedin import LinkedInSettings
from journeyman.channels.ads.meta import MetaSettings
from journeyman.channels.ads.ports import AudienceNetwork
from journeyman.channels.ads.settings import AudienceSettings
from journeyman.channels.ads.tiktok import TikTokSettings
from journeyman.kit.clock import SystemClock
from tests.parts.keys import rsa_key
from tests.parts.other_system import Called, OtherSystem, Says, says

HASH = re.compile("[0-9a-f]{64}")
TOKEN = "the token of a system user"
AUDIENCE = "6001234567890"
ACCOUNT = "7001234567890"
ROBOT = "robot@shop-1.iam.gserviceaccount.com"


class AdNetwork(OtherSystem):
    """Keeps who is in its audience, by the hashes that it was told: `inside`. `unwelcome` are hashes it refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: set[str] = set()
        self.unwelcome: set[str] = set()
        self.requests: list[int] = []
        """How many people each request told of that was taken."""

    @abstractmethod
    def settings(self, token: str = TOKEN, audience: str = AUDIENCE) -> AudienceSettings:
        """What an operator says of it."""

    def opened(self, **given: str) -> AudienceNetwork:
        return self.settings(**given).open(SystemClock())

    def take(self, people: list[list[str]], *, is_in: bool) -> None:
        self.requests.append(len(people))
        for keys in people:
            (self.inside.update if is_in else self.inside.difference_update)(keys)


class Meta(AdNetwork):
    """https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users."""

    def settings(self, token: str = TOKEN, audience: str = AUDIENCE) -> MetaSettings:
        return MetaSettings(network="meta", audience=audience, token=token, base_url=f"{self.url}/v25.0")

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.error(401, 190, "Invalid OAuth 2.0 Access Token")
        if called.path == f"/v25.0/{AUDIENCE}" and called.method == "GET":
            return says(200, {"id": AUDIENCE})
        if called.path != f"/v25.0/{AUDIENCE}/users":
            return self.error(400, 100, "Unsupported request: the object does not exist")
        payload, session = called.document["payload"], called.document["session"]
        rows = payload["data"]
        whole = session["estimated_num_total"] == len(rows) <= 10_000 and session["last_batch_flag"] is True
        shaped = all(
            len(row) == len(payload["schema"]) and all(not key or HASH.fullmatch(key) for key in row) for row in rows
        )
        if payload["schema"] != ["EMAIL", "PHONE"] or not whole or not shaped:
            return self.error(400, 100, "Invalid parameter")
        bad = [row for row in rows if self.unwelcome.intersection(row)]
        good = [[key for key in row if key] for row in rows if row not in bad]
        self.take(good, is_in=called.method == "POST")
        samples = {json.dumps(row): "" for row in bad}
        told = {"num_received": len(rows), "num_invalid_entries": len(bad), "invalid_entry_samples": samples}
        return says(200, {"audience_id": AUDIENCE, "session_id": str(session["session_id"]), **told})

    def error(self, status: int, code: int, message: str) -> Says:
        return says(status, {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}})

    @property
    def throttled(self) -> Says:
        return self.error(400, 80003, "There have been too many calls to this ad-account")


class TikTok(AdNetwork):
    """https://business-api.tiktok.com/portal/docs?id=1739940507792385."""

    def settings(self, token: str = TOKEN, audience: str = AUDIENCE) -> TikTokSettings:
        url = f"{self.url}/open_api/v1.3"
        return TikTokSettings(network="tiktok", advertiser=ACCOUNT, audience=audience, token=token, base_url=url)

    def answer(self, called: Called) -> Says:
        if called.headers.get("access-token") != TOKEN:
            return self.error(40105, "Access token is incorrect or has been revoked.")
        if called.path.startswith("/open_api/v1.3/dmp/custom_audience/get/"):
            known = AUDIENCE in called.path
            return self.error(0, "OK") if known else self.error(40002, "audience does not exist")
        if (called.method, called.path) != ("POST", "/open_api/v1.3/segment/mapping/"):
            return self.error(40006, "no such path")
        document = called.document
        rows = document["batch_data"]
        given = [one for row in rows for one in row if one]
        shaped = all(HASH.fullmatch(one["id"]) for one in given) and len(rows) <= 1_000
        width = all(len(row) == len(document["id_schema"]) for row in rows)
        if document["advertiser_ids"] != [ACCOUNT] or not shaped or not width:
            return self.error(40002, "batch_data: invalid")
        if any(one["audience_ids"] != [AUDIENCE] for one in given) or document["action"] not in {"add", "delete"}:
            return self.error(40002, "audience does not exist")
        people = [[one["id"] for one in row if one] for row in rows]
        self.take(people, is_in=document["action"] == "add")
        return self.error(0, "OK")

    def error(self, code: int, message: str) -> Says:
        """Everything comes with status 200."""
        return says(200, {"code": code, "message": message, "request_id": "20261123152000", "data": {}})

    @property
    def throttled(self) -> Says:
        return self.error(40100, "Requests made too frequently")


class LinkedIn(AdNetwork):
    """https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-users."""

    def settings(self, token: str = TOKEN, audience: str = AUDIENCE) -> LinkedInSettings:
        return LinkedInSettings(network="linkedin", audience=audience, token=token, base_url=f"{self.url}/rest")

    def answer(self, called: Called) -> Says:
        if called.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.error(401, "INVALID_ACCESS_TOKEN", "Invalid access token")
        if not re.fullmatch(r"20\d{4}", called.headers.get("linkedin-version", "")):
            return self.error(426, "NONEXISTENT_VERSION", "Requested version is not active")
        if (called.method, called.path) == ("GET", f"/rest/dmpSegments/{AUDIENCE}"):
            return says(200, {"id": int(AUDIENCE), "type": "USER"})
        if called.path != f"/rest/dmpSegments/{AUDIENCE}/users":
            return self.error(404, "NOT_FOUND", "no such segment")
        restli = (called.headers.get("x-restli-method"), called.headers.get("x-restli-protocol-version"))
        elements = called.document["elements"]
        if restli != ("BATCH_CREATE", "2.0.0") or len(elements) > 5_000:
            return self.error(400, "BAD_REQUEST", "batch create only")
        told = [self._element(one) for one in elements]
        for is_in, action in ((True, "ADD"), (False, "REMOVE")):
            taken = [
                one for one, said in zip(elements, told, strict=True) if one["action"] == action and "error" not in said
            ]
            if taken:
                self.take([[key["idValue"] for key in one["userIds"]] for one in taken], is_in=is_in)
        return says(200, {"elements": told})

    def _element(self, one: dict[str, Any]) -> dict[str, Any]:
        good = all(key["idType"] == "SHA256_EMAIL" and HASH.fullmatch(key["idValue"]) for key in one["userIds"])
        if good and one["userIds"] and not self.unwelcome.intersection(key["idValue"] for key in one["userIds"]):
            return {"status": 201}
        return {"status": 400, "error": {"message": "Invalid user id", "code": "BAD_REQUEST", "status": 400}}

    def error(self, status: int, code: str, message: str, **headers: str) -> Says:
        return says(status, {"message": message, "code": code, "status": status}, **headers)

    @property
    def throttled(self) -> Says:
        return self.error(429, "TOO_MANY_REQUESTS", "Resource level throttle limit", retry_after="7")


class Google(AdNetwork):
    """The Data Manager API; requests are read by Google's own messages."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0

    def settings(self, token: str = TOKEN, audience: str = AUDIENCE) -> GoogleSettings:
        email = ROBOT if token == TOKEN else "another@shop-1.iam.gserviceaccount.com"
        return GoogleSettings(
            network="google",
            account=ACCOUNT,
            audience=audience,
            client_email=email,
            private_key=rsa_key(),
            base_url=self.url,
            token_url=f"{self.url}/token",
        )

    def answer(self, called: Called) -> Says:
        if called.path == "/token":
            return self._token(called)
        if not self.tokens or called.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return self.error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        is_in = called.path == "/v1/audienceMembers:ingest"
        kind = datamanager_v1.IngestAudienceMembersRequest if is_in else datamanager_v1.RemoveAudienceMembersRequest
        try:
            request = kind.from_json(called.body.decode(), ignore_unknown_fields=False)
        except json_format.ParseError as error:
            return self.error(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}")
        return self._taken(request, is_in=is_in)

    def _taken(self, request: Any, *, is_in: bool) -> Says:
        (destination,) = request.destinations
        if (destination.operating_account.account_id, destination.product_destination_id) != (ACCOUNT, AUDIENCE):
            violation = {"field": "destinations[0].product_destination_id", "description": "not found"}
            return self.error(400, "INVALID_ARGUMENT", "There was a problem with the destination.", violation)
        terms = datamanager_v1.TermsOfServiceStatus.ACCEPTED
        if is_in and request.terms_of_service.customer_match_terms_of_service_status != terms:
            return self.error(400, "INVALID_ARGUMENT", "The terms of service are not accepted.")
        people = [[_key(one) for one in member.user_data.user_identifiers] for member in request.audience_members]
        bad = [
            {
                "field": f"audience_members[{place}].user_data.user_identifiers[0]",
                "description": "not a hash",
                "reason": "INVALID",
            }
            for place, keys in enumerate(people)
            if not keys or self.unwelcome.intersection(keys) or not all(HASH.fullmatch(key) for key in keys)
        ]
        if bad:
            return self.error(400, "INVALID_ARGUMENT", "There was a problem with the request.", *bad)
        if not request.validate_only:
            self.take(people, is_in=is_in)
        return says(200, {"requestId": "126365e1-16d0-4c81-9de9-f362711e250a"})

    def _token(self, called: Called) -> Says:
        form = parse_qs(called.body.decode())
        key = load_pem_private_key(rsa_key().encode(), None).public_key()
        claims = jwt.decode(form["assertion"][0], key, ["RS256"], audience=f"{self.url}/token")  # type: ignore[arg-type]  # an RSA key
        if (claims["scope"], claims["iss"]) != (SCOPE, ROBOT):
            return says(400, {"error": "invalid_grant"})
        self.tokens += 1
        return says(200, {"access_token": f"token-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    def error(self, code: int, status: str, message: str, *violations: dict[str, str], **headers: str) -> Says:
        details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": list(violations)}]
        error = {"code": code, "message": message, "status": status, "details": details if violations else []}
        return says(code, {"error": error}, **headers)

    @property
    def throttled(self) -> Says:
        return self.error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", retry_after="7")


def _key(identifier: Any) -> str:
    return str(identifier.email_address or identifier.phone_number)


NETWORKS: dict[str, type[Any]] = {"google": Google, "meta": Meta, "tiktok": TikTok, "linkedin": LinkedIn}
