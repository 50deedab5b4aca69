"""Links to a file that work without a token, for an hour."""

from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner

SECONDS = 3_600
_signer = TimestampSigner(salt="inventory.export")


def sign(export_id: UUID) -> str:
    return _signer.sign(str(export_id))


def is_valid(link: str, export_id: UUID) -> bool:
    try:
        return _signer.unsign(link, max_age=SECONDS) == str(export_id)
    except BadSignature:
        return False
