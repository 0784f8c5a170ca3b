"""The gates in front of a send, in the order of M3, each with the values it read.

The order is: holdout, consent, address, suppression, exit rules, journey paused, audience, frequency cap, quiet
hours, send time, rate limit. Caps and quiet hours are asked in `contact.judging`, after these. Pause, send time and
rate limit are no part of the language yet, so no gate stands for them. Exit rules are judged by the state of the
run, which intake ends in the transaction that decides the exit event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email

from journeyman.customers.consent import permission
from journeyman.customers.consents.topic import Topic
from journeyman.customers.identifiers import phone_of
from journeyman.language.channels import ATTRIBUTES
from journeyman.language.definition import Definition
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.steps.send import Send
from journeyman.language.verdicts import judge


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: whether it let the message pass, and what it read."""

    name: str
    passed: bool
    read: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"gate": self.name, "passed": self.passed, "read": self.read}


@dataclass(frozen=True, slots=True)
class Judged:
    """Every gate that was asked, and the outcome of the one that refused (M1)."""

    gates: list[Gate]
    refusal: str | None
    addresses: Mapping[str, str | None]
    marketing: bool = True
    """Whether the message has to offer its reader the way out (L2)."""

    @property
    def address(self) -> str | None:
        return next(iter(self.addresses), None)


def ask(
    send: Send,
    definition: Definition,
    facts: Facts,
    topic: Topic,
    addresses: Mapping[str, str | None],
    *,
    suppressed: str | None,
    held_out: str | None = None,
) -> Judged:
    """Ask the gates until one refuses.

    `suppressed` is the reason why the address is on the suppression list, `held_out` whose holdout has the customer.
    """
    allowed = permission(
        facts.consents, send.channels[0], topic.key, marketing=topic.marketing, channels=topic.channels
    )
    audience = definition.entry.audience
    gates = [("no_consent", Gate("consent", allowed.allowed, {"topic": topic.key, **allowed.read}))]
    gates.append(("unreachable", Gate("address", bool(addresses), {"channel": send.channels[0]})))
    gates.append(("suppressed", Gate("suppression", suppressed is None, {"reason": suppressed})))
    gates.append(("exited", Gate("exit_rules", True, {"run": "live"})))
    if audience is not None:
        verdict = holds(audience, facts)
        read = {} if verdict else {"verdict": judge(audience, facts).as_json()}
        gates.append(("audience", Gate("audience", verdict, read)))
    if held_out is not None:
        gates.insert(0, ("held_out", Gate("holdout", False, {"by": held_out})))
    asked: list[Gate] = []
    for outcome, gate in gates:
        asked.append(gate)
        if not gate.passed:
            return Judged(asked, outcome, addresses, topic.marketing)
    return Judged(asked, None, addresses, topic.marketing)


def address_of(facts: Facts, channel: str) -> str | None:
    """The customer's address on a channel, None where there is none that could work."""
    return address_in(facts.attributes, channel)


def address_in(attributes: Mapping[str, Any], channel: str) -> str | None:
    """As `address_of`, out of a profile's attributes."""
    address = attributes.get(ATTRIBUTES[channel]) if channel in ATTRIBUTES else None
    if not isinstance(address, str):
        return None
    if ATTRIBUTES[channel] == "phone":
        return _number(address)
    return _deliverable(address) if channel == "email" else address.strip() or None


@lru_cache(maxsize=4096)
def _number(address: str) -> str | None:
    return phone_of(address)


@lru_cache(maxsize=4096)
def _deliverable(address: str) -> str | None:
    """An address as it is written to. The gates, and the suppression list before them, ask for the same one."""
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None
