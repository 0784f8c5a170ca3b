"""What people read in the Temporal UI about a run that waits."""

from datetime import datetime

from activities.contracts import Standing


def summary(standing: Standing) -> str:
    """One line for a timer: what the customer waits for."""
    return f"{standing.step}: waits for {standing.waits_for}" if standing.waits_for else f"{standing.step}: waits"


def details(name: str, standing: Standing) -> str:
    """The workflow's current details, as Markdown."""
    if standing.outcome is not None:
        return f"**{name}** is over: {standing.outcome}"
    if standing.until is None:
        return f"**{name}** is at step **{standing.step}**"
    what = f" for {standing.waits_for}" if standing.waits_for else ""
    return f"**{name}**: step **{standing.step}** waits until {_instant(standing.until)}{what}"


def _instant(at: datetime) -> str:
    return f"{at:%-d %b %Y %H:%M:%S} UTC"
