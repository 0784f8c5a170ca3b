"""The activities of campaigns."""

from temporalio import activity

from activities.contracts import CampaignActivities, CampaignPage, Firing, Pace, Progress
from journeyman.journeys.campaigns.offering import Offered, Offering
from journeyman.journeys.campaigns.opening import Opening


class CrowdActivities(CampaignActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, opening: Opening, offering: Offering) -> None:
        self.opening = opening
        self.offering = offering

    @activity.defn
    async def open_campaign(self, request: Firing) -> Pace:
        if request.campaign is not None:
            opened = await self.opening.known(request.campaign)
        elif request.scheduled_at is not None:
            mine = activity.info().workflow_id or ""
            opened = await self.opening.scheduled(request.journey, request.scheduled_at, mine, activity.heartbeat)
        else:
            opened = None
        if opened is None:
            return Pace()
        return Pace(campaign=opened.campaign.id, size=opened.size, seconds_each=opened.seconds_each)

    @activity.defn
    async def offer_entries(self, request: CampaignPage) -> Progress:
        found = await self.offering(request.campaign, request.size, request.ask, activity.heartbeat)
        return Progress(state=found.campaign.state, taken=found.taken, until=found.until, words=_words(found))


def _words(found: Offered) -> str:
    campaign = found.campaign
    state = campaign.state.replace("_", " ")
    why = f" ({campaign.note})" if campaign.note else ""
    return f"{state}{why}, {campaign.offered:,} of {campaign.population:,} customers offered an entry"
