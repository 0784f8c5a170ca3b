import httpx

from journeyman.language.schema import journey_schema


async def test_the_schema_of_a_journey_is_published_without_a_key(client: httpx.AsyncClient) -> None:
    assert (await client.get("/schemas/journey.json")).json() == journey_schema()
