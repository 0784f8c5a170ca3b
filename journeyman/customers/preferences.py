"""Recording consent, with its proof."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.consent import Basis, ConsentState, ConsentUpdate
from journeyman.customers.consents import repository

Statement = tuple[str, ConsentUpdate]
"""A customer's id, and what she said."""


async def record(
    connection: AsyncConnection, customer_id: str, updates: Sequence[ConsentUpdate], at: datetime
) -> list[ConsentUpdate]:
    """Write consent and its proof (L1); returns what really changed."""
    changed = await record_all(connection, [(customer_id, update) for update in updates], at)
    return [update for _, update in changed]


async def record_all(connection: AsyncConnection, statements: Sequence[Statement], now: datetime) -> list[Statement]:
    """Write what many customers said, in the given order, whose rows the caller has locked; returns what changed.

    What was said at another time (`at`) changes nothing where something newer is known, and is kept as proof. What
    says nothing new now is not kept: a second click is no second proof.
    """
    states = await repository.states(connection, {customer_id for customer_id, _ in statements})
    changed: dict[tuple[str, str], ConsentState] = {}
    applied: list[Statement] = []
    proofs: list[Statement] = []
    for customer_id, update in statements:
        known = states.get(customer_id, {}).get(update.subject)
        if known is None or not (known.outlasts(update) or known.agrees(update)):
            state = _state(update, now)
            states.setdefault(customer_id, {})[update.subject] = changed[customer_id, update.subject] = state
            applied.append((customer_id, update))
            proofs.append((customer_id, replace(update, basis=state_basis(update))))
        elif update.at is not None:
            proofs.append((customer_id, update))
    await repository.save_states(connection, changed)
    await repository.save_proofs(connection, proofs, now)
    if changed:
        # Segments may name consent; whoever keeps them looks at these customers next.
        await customers.recheck(connection, {customer_id for customer_id, _ in changed}, now)
    return applied


def state_basis(update: ConsentUpdate) -> Basis | None:
    """A yes has a basis: consent, where nothing else is said. A no needs none."""
    return (update.basis or "consent") if update.status != "no" else None


def _state(update: ConsentUpdate, now: datetime) -> ConsentState:
    expires_at = update.expires_at if update.status != "no" else None
    return ConsentState(update.subject, update.status, update.at or now, state_basis(update), expires_at)
