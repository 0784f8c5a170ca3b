"""A campaign's clock: one page after the other, as fast as its rate allows, until nobody is left.

The campaign's row says how far it is and whether it goes on; whoever changes that rings the bell. Support staff may
ring it with a wish from the engine's own pages: `pause`, `resume` and `cancel`.
"""

from datetime import UTC, datetime, timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.contracts import CampaignActivities, CampaignPage, CampaignState, Firing, Progress
    from workflows.inputs import CampaignInput
    from workflows.policies import CAMPAIGN_HEARTBEAT_LIMIT, FOREVER, OPEN_LIMIT, PAGE_LIMIT

SCHEDULED = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


@workflow.defn
class CampaignWorkflow:
    """Offers many customers an entry into a journey; holds no customer."""

    @workflow.init
    def __init__(self, given: CampaignInput) -> None:
        self.given = given
        self.is_rung = False
        self.ask: CampaignState | None = given.ask
        self.state: CampaignState = "under_way"
        self.due = given.due or workflow.now()

    @workflow.run
    async def run(self, given: CampaignInput) -> str:
        if given.size is None and not await self._open():
            return "nothing to do"
        try:
            return await self._go_on()
        except BaseException as error:
            if is_cancelled_exception(error):
                # Cancelled in the engine is cancelled altogether: the row has to know.
                self.ask = "cancelled"
                await self._page(0)
            raise

    async def _open(self) -> bool:
        given = self.given
        at = given.scheduled_at
        if given.campaign is None and at is None:
            at = workflow.info().typed_search_attributes.get(SCHEDULED) or workflow.info().start_time
        firing = Firing(campaign=given.campaign, journey=given.journey, scheduled_at=at)
        pace = await workflow.execute_activity_method(
            CampaignActivities.open_campaign,
            firing,
            start_to_close_timeout=OPEN_LIMIT,
            heartbeat_timeout=CAMPAIGN_HEARTBEAT_LIMIT,
            retry_policy=FOREVER,
            summary=given.journey,
        )
        if pace.campaign is None:
            workflow.set_current_details(f"Nothing to do for **{given.journey}**")
            return False
        update = {"campaign": pace.campaign, "size": pace.size, "seconds_each": pace.seconds_each}
        self.given = given.model_copy(update=update)
        return True

    async def _go_on(self) -> str:
        while True:
            self.is_rung = False
            is_due = self.state != "paused" and workflow.now() >= self.due
            page = await self._page(self.given.size or 1 if is_due else 0)
            self._note(page)
            if page.is_over:
                return page.words
            await self._pause()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.given.model_copy(update={"due": self.due, "ask": self.ask}))

    async def _page(self, size: int) -> Progress:
        ask, self.ask = self.ask, None
        page = await workflow.execute_activity_method(
            CampaignActivities.offer_entries,
            CampaignPage(campaign=self.given.campaign or "", size=size, ask=ask),
            start_to_close_timeout=PAGE_LIMIT,
            heartbeat_timeout=CAMPAIGN_HEARTBEAT_LIMIT,
            retry_policy=FOREVER,
            summary=f"{size} customers" if size else "looks",
        )
        workflow.set_current_details(f"Campaign of **{self.given.journey}**: {page.words}")
        return page

    def _note(self, page: Progress) -> None:
        """When the next page is due. What an outage has delayed is not made good for: the rate is the most there is."""
        now, each = workflow.now(), self.given.seconds_each or 0.0
        if page.state == "under_way" and self.state == "paused":
            self.due = now
        self.state = page.state
        late = now - timedelta(seconds=each * (self.given.size or 1))
        self.due = max(self.due, late) + timedelta(seconds=each * page.taken)
        if page.until is not None:
            self.due = max(self.due, page.until)

    async def _pause(self) -> None:
        """Until the next page is due, or somebody rings."""
        pause = None if self.state == "paused" else max(self.due - workflow.now(), timedelta(0))
        if pause == timedelta(0):
            return
        try:
            await workflow.wait_condition(
                lambda: self.is_rung, timeout=pause, timeout_summary=f"next customers at {_clock(self.due)}"
            )
        except TimeoutError:
            return

    @workflow.signal
    def look(self) -> None:
        """Look at the campaign's row: somebody has changed it."""
        self.is_rung = True

    @workflow.signal
    def pause(self) -> None:
        """Let nobody else in until it is resumed."""
        self._wish("paused")

    @workflow.signal
    def resume(self) -> None:
        """Go on."""
        self._wish("under_way")

    @workflow.signal
    def cancel(self) -> None:
        """Let nobody else in at all. Whoever is in stays in."""
        self._wish("cancelled")

    def _wish(self, state: CampaignState) -> None:
        self.ask, self.is_rung = state, True


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %Y %H:%M:%S} UTC"
