"""Why a file cannot be read as a table, in words for the person who sent it."""

from accounts.errors import DomainError


class TableUnreadable(DomainError):
    """The file is not a table. Send CSV, TSV, text, XLSX, XLS or ODS."""

    code = "table_unreadable"


class TableProtected(DomainError):
    """The file is protected with a password. Save it without one and send it again."""

    code = "table_protected"


class TableTooLarge(DomainError):
    """The file is too large to be read."""

    code = "table_too_large"
    kind = "too_large"


class TableHasTooManyRows(DomainError):
    """The table has too many rows."""

    code = "table_too_many_rows"
    kind = "too_large"
