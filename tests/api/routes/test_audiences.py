"""Ad audiences over HTTP: set up in the providers' file, filled by a journey, told, and shown."""

from pathlib import Path
from typing import Any

from journeyman.bootstrap import audiences_of
from journeyman.journeys.audiences.keeping import LOOK, AudienceKeeper
from tests.journeyman.channels.ads.networks import AUDIENCE, Meta
from tests.world import world

FILE = """
audiences:
  carts: {{network: meta, audience: "{audience}", token: "${{META_TOKEN}}", base_url: "{url}/v25.0", segment: lost}}
"""


async def test_what_became_of_an_audience_is_shown(database_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("META_TOKEN", "the token of a system user")
    file = tmp_path / "providers.yaml"
    async with Meta() as network:
        file.write_text(FILE.format(audience=AUDIENCE, url=network.url))
        async with world(database_url, providers_file=file) as opened:
            assert await opened.get("/v1/audiences") == [
                {
                    "key": "carts",
                    "network": "meta",
                    "segment": "lost",
                    "inside": 0,
                    "states": {},
                    "told_at": None,
                    "failure": None,
                }
            ]
            await opened.http.put("/v1/segments/lost", json={"name": "Lost"})
            for customer in ("ann", "zoe"):
                await opened.shop.introduce(customer)
                await opened.http.post("/v1/segments/lost/members", json={"add": [customer]})
            yes = {"ads": {"status": "yes", "source": "checkout"}}
            said = await opened.http.put("/v1/customers/ann/consent", json=yes)
            known = audiences_of(opened.services.settings, opened.clock)
            keeper = AudienceKeeper(opened.database, opened.clock, known)
            await keeper.step()
            opened.clock.at += LOOK
            await keeper.step()
            (shown,) = await opened.get("/v1/audiences")
            assert (said.status_code, shown["inside"], shown["states"]) == (200, 1, {"told": 1, "withheld": 1})
            for audience in known.values():
                await audience.network.close()
