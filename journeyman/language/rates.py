"""How fast: `600 per 1m`, customers in a while."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from journeyman.language.durations import SHORT, Duration

MOST: Final = 1_000_000
LONGEST: Final = timedelta(days=31)
_RATE: Final = re.compile(f"([0-9]{{1,7}}) per ({SHORT})")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many customers in so long; `text` is how it was written."""

    customers: int
    period: timedelta
    text: str

    pattern: ClassVar[str] = f"^[0-9]{{1,7}} per (?:{SHORT})$"

    @classmethod
    def parse(cls, text: object) -> Self:
        """The rate that `text` writes. Raises `PydanticCustomError`, which is a `ValueError`."""
        if isinstance(text, cls):
            return text
        found = _RATE.fullmatch(text) if isinstance(text, str) else None
        if not isinstance(text, str) or found is None or not found[2]:
            raise PydanticCustomError("rate", "this is no rate; write how many in how long, such as `600 per 1m`")
        customers, period = int(found[1]), Duration.parse(found[2]).timedelta
        if not 1 <= customers <= MOST or period > LONGEST:
            raise PydanticCustomError("rate", "a rate is from 1 to 1000000 customers in 31d at most")
        return cls(customers, period, text)

    @property
    def per_second(self) -> float:
        return self.customers / self.period.total_seconds()

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.to_string_ser_schema(when_used="json-unless-none")
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        says = "How many customers in how long: 600 per 1m, 1 per 2h"
        return {"type": "string", "pattern": cls.pattern, "description": says, "examples": ["600 per 1m"]}
