"""What is done to all runs of a journey, page by page, until nobody is left: another version, the end, or going on.

The migration's row says how far it is; each page is a transaction, and who goes on after a crash goes on there.
"""

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.contracts import Migrated, MigrationActivities, MigrationPage
    from workflows.inputs import MigrationInput
    from workflows.policies import FOREVER, MIGRATE_HEARTBEAT_LIMIT, MIGRATE_LIMIT


@workflow.defn
class MigrationWorkflow:
    """Goes through the live runs of a journey; holds none of them."""

    @workflow.init
    def __init__(self, given: MigrationInput) -> None:
        self.given = given
        self.is_cancelled = given.cancel

    @workflow.run
    async def run(self, given: MigrationInput) -> str:
        try:
            while True:
                page = await self._page()
                if page.is_over:
                    return page.words
                if workflow.info().is_continue_as_new_suggested():
                    workflow.continue_as_new(given.model_copy(update={"cancel": self.is_cancelled}))
        except BaseException as error:
            if is_cancelled_exception(error):
                # Cancelled in the engine is cancelled altogether: the row has to know.
                self.is_cancelled = True
                await self._page()
            raise

    async def _page(self) -> Migrated:
        page = await workflow.execute_activity_method(
            MigrationActivities.migrate_page,
            MigrationPage(migration=self.given.migration, cancel=self.is_cancelled),
            start_to_close_timeout=MIGRATE_LIMIT,
            heartbeat_timeout=MIGRATE_HEARTBEAT_LIMIT,
            retry_policy=FOREVER,
            summary=self.given.journey,
        )
        workflow.set_current_details(f"Runs of **{self.given.journey}**: {page.words}")
        return page

    @workflow.signal
    def cancel(self) -> None:
        """Take nobody else. Who was taken stays where that led."""
        self.is_cancelled = True
