"""E-mail addresses: read, written, and compared."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from functools import lru_cache
from typing import Self

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

DOMAIN_LIMIT = 253


@dataclass(frozen=True, slots=True)
class From:
    """Who writes: an address and the name shown instead of it."""

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Name <address>` or an address. Raises `ValueError`, whose words never repeat the address."""
        if any(not character.isprintable() for character in text):
            raise ValueError("it has control characters")
        name, address = parseaddr(text)
        if not address:
            raise ValueError("it is no e-mail address")
        return cls(name, read_address(address).normalized)

    @property
    def domain(self) -> str:
        """The domain in ASCII, as in a Message-ID."""
        return read_address(self.address).ascii_domain

    def header(self) -> Address:
        """As a header takes it, which quotes the name where that is needed; the domain in ASCII."""
        return Address(display_name=self.name, username=self.address.rpartition("@")[0], domain=self.domain)


@lru_cache(maxsize=4096)
def read_address(address: str) -> ValidatedEmail:
    """The parts of an address by RFC 5321 and 6531. Raises `ValueError` without repeating it."""
    try:
        return validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise ValueError("it is no e-mail address") from error


def normalise_address(address: str) -> str:
    """The address by which two spellings of one mailbox are known as the same.

    Domain in its Unicode form, all lower case: servers that tell `A@` from `a@` are not met any more, and a person
    who does not want mail does not want it under another spelling. Raises `ValueError`.
    """
    return read_address(address.strip()).normalized.lower()
