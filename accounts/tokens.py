"""The only module that knows django-rest-knox: the token's columns and its cryptography."""

from typing import NamedTuple

from knox.crypto import create_token_string, hash_token
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

__all__ = ["AbstractAuthToken", "Secret", "digest_of", "make_secret"]

# A fixed beginning lets secret scanners recognise a token that was committed by mistake.
PREFIX = "bw_"


class Secret(NamedTuple):
    plain: str
    digest: str
    key: str


def make_secret() -> Secret:
    plain = PREFIX + create_token_string()
    return Secret(plain, digest_of(plain), plain[: CONSTANTS.TOKEN_KEY_LENGTH])


def digest_of(plain: str) -> str:
    return str(hash_token(plain))
