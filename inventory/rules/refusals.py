"""Why an item is refused, and what is worth a note: codes and texts of the contract."""

from dataclasses import dataclass

LONGEST_ERROR = 2_000


class ItemRefused(Exception):
    """An item is wrong for good: `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message[:LONGEST_ERROR]


@dataclass(frozen=True)
class Note:
    """A warning that stays with its item."""

    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}
