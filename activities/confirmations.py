"""The activity that sends the mail of a double opt-in."""

from temporalio import activity

from activities.contracts import Confirm, ConfirmationActivities
from activities.errors import AGAIN, to_application_error
from journeyman.journeys.subscribing.confirmation_mail import ConfirmationMail


class ConfirmationMailActivities(ConfirmationActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, confirmation_mail: ConfirmationMail) -> None:
        self.confirmation_mail = confirmation_mail

    @activity.defn
    async def send_confirmation(self, request: Confirm) -> None:
        try:
            await self.confirmation_mail(request.confirmation)
        except AGAIN as error:
            raise to_application_error(error) from error
