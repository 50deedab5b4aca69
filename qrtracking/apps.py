from django.apps import AppConfig


class QRTrackingConfig(AppConfig):
    name = "qrtracking"
    verbose_name = "QR tracking"
