from django.apps import AppConfig


class QrtrackingConfig(AppConfig):
    name = "qrtracking"
    verbose_name = "QR tracking"
