from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # The OpenAPI generator finds its extensions by their classes' existence.
        from accounts.api import schema  # noqa: F401
