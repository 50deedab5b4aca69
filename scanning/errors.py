"""What may go wrong with a picture of codes."""

from accounts.errors import DomainError


class NotAnImage(DomainError):
    """File is not an image"""

    code = "not_an_image"


class ImageTooLarge(DomainError):
    """The image is larger than 10 MB"""

    code = "image_too_large"
    kind = "too_large"


class NoCode(DomainError):
    """No code found in the photo"""

    code = "no_code"
    kind = "unprocessable"
