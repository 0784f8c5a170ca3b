"""A worker in a process of its own that advances one run, so that a test can kill it in the middle."""

import asyncio
import sys
from datetime import datetime

from journeyman.bootstrap import digest_key_of, routes_of, tokens_of
from journeyman.journeys.advance import Advance, Request
from journeyman.journeys.delivery import Delivery
from journeyman.journeys.mail import MailFactory
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.settings import Settings


async def main(database_url: str, smtp_url: str, run_id: str, step: str, visit: str, at: str) -> None:
    """Advance the run as an activity would."""
    settings = Settings.model_validate({"database_url": database_url, "smtp_url": smtp_url})
    clock = FixedClock(datetime.fromisoformat(at))
    delivery = Delivery(routes_of(settings, clock), MailFactory(tokens_of(settings)), digest_key_of(settings))
    advance = Advance(Database(database_url), clock, delivery, "UTC")
    await advance(Request(run_id, step, int(visit), clock.at, "email"))


asyncio.run(main(*sys.argv[1:]))
