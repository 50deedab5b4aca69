"""Serial shipping container codes: numbers that an organization gives to its cases, each once."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models import TenantModel


class SsccCounter(TenantModel):
    """The next number of an organization. GS1 General Specifications 3.2: SSCC, 18 digits."""

    company_prefix = models.CharField(
        max_length=10,
        validators=[RegexValidator(r"^[0-9]{7,10}$", "Enter 7 to 10 digits.")],
        help_text="GS1 company prefix, 7 to 10 digits.",
    )
    extension_digit = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_serial = models.BigIntegerField(default=1, db_default=1)

    class Meta:
        db_table = "qr_sscc_counters"
        verbose_name = "SSCC counter"
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="qr_sscc_counters_org_uniq"),
            # Two organizations with one prefix would give the same numbers.
            models.UniqueConstraint(
                fields=["company_prefix", "extension_digit"], name="qr_sscc_counters_prefix_uniq"
            ),
            models.CheckConstraint(
                condition=Q(company_prefix__regex="^[0-9]{7,10}$"),
                name="qr_sscc_counters_prefix_format",
            ),
            models.CheckConstraint(
                condition=Q(extension_digit__gte=0, extension_digit__lte=9),
                name="qr_sscc_counters_extension_range",
            ),
            models.CheckConstraint(
                condition=Q(next_serial__gte=0), name="qr_sscc_counters_serial_at_least_0"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.extension_digit}{self.company_prefix}…"
