"""How `/analytics` looks."""

from typing import Any

from rest_framework import serializers

from inventory.api.v1_serializers import CamelCase, Moment
from inventory.selectors.analytics import Analytics, Sums

Body = dict[str, Any]


class RatesSerializer(CamelCase):
    completed = serializers.FloatField()
    failed = serializers.FloatField()
    retried = serializers.FloatField()


class CountsSerializer(CamelCase):
    claimed = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    retried = serializers.IntegerField()
    share_failed = serializers.FloatField(
        allow_null=True, help_text="Per cent of those that ended."
    )
    wait_ms_average = serializers.IntegerField(allow_null=True)
    wait_ms_max = serializers.IntegerField()


class TotalsSerializer(CountsSerializer):
    slice_ms = serializers.IntegerField(
        allow_null=True, help_text="How long a slice took; of the last two days."
    )
    item_ms = serializers.FloatField(allow_null=True, help_text="How long an item took.")
    per_minute = RatesSerializer()


class PartSerializer(CountsSerializer):
    start = Moment()
    per_minute = RatesSerializer()


class SourceCountsSerializer(CountsSerializer):
    source = serializers.CharField()  # type: ignore[assignment] # a field's own attribute


class FailedExampleSerializer(CamelCase):
    item_id = serializers.IntegerField(source="example_id")
    imei = serializers.CharField(source="example_imei", allow_null=True)
    message = serializers.CharField(source="example")


class FailureSerializer(CamelCase):
    error_code = serializers.CharField(source="code")
    count = serializers.IntegerField()
    count_capped = serializers.BooleanField(source="is_capped", help_text="There may be more.")
    last_seen_at = Moment(source="last_at", allow_null=True)
    example = FailedExampleSerializer(source="*")


class TacMismatchSerializer(CamelCase):
    tac = serializers.CharField()
    brand = serializers.CharField()
    model = serializers.CharField()
    count = serializers.IntegerField(help_text="Devices of another model.")
    count_capped = serializers.BooleanField(source="is_capped")
    example_imei = serializers.CharField(source="imei")


class DrainSerializer(CamelCase):
    lane = serializers.IntegerField()
    status = serializers.CharField()
    claimed = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    retried = serializers.IntegerField()
    created_at = Moment()
    started_at = Moment(allow_null=True)
    completed_at = Moment(allow_null=True)


class AnalyticsSerializer(CamelCase):
    hours = serializers.IntegerField()
    since = Moment()
    until = Moment()
    part_minutes = serializers.IntegerField()
    totals = TotalsSerializer()
    parts = PartSerializer(many=True)
    sources = SourceCountsSerializer(many=True)
    failures = FailureSerializer(many=True)
    tac_mismatches = TacMismatchSerializer(many=True)
    drains = DrainSerializer(many=True)


def analytics_body(found: Analytics) -> Body:
    answer = AnalyticsSerializer(
        {
            **vars(found),
            "totals": {**_counts(found.totals), "per_minute": found.per_minute},
            "parts": [
                {**_counts(part.sums), "start": part.start, "per_minute": part.per_minute}
                for part in found.parts
            ],
            "sources": [{**_counts(one.sums), "source": one.source} for one in found.sources],
        }
    )
    return dict(answer.data)


def _counts(sums: Sums) -> Body:
    derived = {name: getattr(sums, name) for name in ("share_failed", "wait_ms_average", "item_ms")}
    return {**vars(sums), **derived}
