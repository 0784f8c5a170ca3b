"""Why a product is not taken."""

from collections.abc import Sequence

from journeyman.kit.errors import Fault, InvalidError


class ProductRefusedError(InvalidError):
    """One product of a batch cannot be kept; the others are. `product_id` names it where it could be read."""

    def __init__(self, faults: Sequence[Fault], product_id: str | None = None) -> None:
        super().__init__(faults[0].detail, faults)
        self.product_id = product_id
