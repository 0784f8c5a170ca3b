"""Keys of nobody, made once a run."""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def rsa_key(name: str = "ours") -> str:
    """A PEM; another name, another key."""
    return _made("rsa", name)


def p256_key(name: str = "ours") -> str:
    """A PEM; another name, another key."""
    return _made("p256", name)


@lru_cache
def _made(kind: str, _name: str) -> str:
    key = rsa.generate_private_key(65_537, 2_048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
