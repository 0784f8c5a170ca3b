"""The activity that learns models."""

import asyncio
from contextlib import suppress

from temporalio import activity

from activities.contracts import Learn, Learned, LearningActivities
from journeyman.journeys.learning.learning import Learning

BEAT = 5.0
"""Seconds between two reports."""


class ModelActivities(LearningActivities):
    """Runs in the worker, and computes in processes of its own."""

    def __init__(self, learning: Learning) -> None:
        self.learning = learning

    @activity.defn
    async def learn_model(self, request: Learn) -> Learned:
        beating = asyncio.create_task(_beat())
        try:
            night = await self.learning.next(request.asked, request.at)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        return Learned(model=night.key, words=night.words, again_at=night.again_at)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
