"""How devices, movements, places and stock look, and by what they are filtered."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.api.v1_serializers import CamelCase, Moment
from inventory.models import DeviceStatus, TestResult
from inventory.selectors.devices import LONGEST_SEARCH, SEARCH_HELP, DeviceFilters

MOST_LETTERS = 100


class DeviceQuery(CamelCase):
    """Filters of the list of devices; all of those given apply."""

    search = serializers.CharField(
        required=False, max_length=LONGEST_SEARCH, allow_blank=True, help_text=SEARCH_HELP
    )
    location = serializers.CharField(
        required=False, max_length=MOST_LETTERS, help_text="A place by its name."
    )
    warehouse = serializers.CharField(required=False, max_length=MOST_LETTERS)
    sku = serializers.CharField(required=False, max_length=MOST_LETTERS)
    brand = serializers.CharField(required=False, max_length=MOST_LETTERS)
    model = serializers.CharField(required=False, max_length=MOST_LETTERS)
    result = serializers.CharField(required=False, help_text="PASSED, FAILED or PENDING")
    status = serializers.CharField(required=False, help_text="active or removed")
    updated_after = serializers.DateTimeField(required=False)
    luhn_invalid = serializers.BooleanField(required=False, help_text="Check digit wrong.")
    assumed = serializers.BooleanField(
        required=False, help_text="A fallback stands in for a value that nobody gave."
    )
    tac_mismatch = serializers.BooleanField(
        required=False, help_text="Another model than others of its TAC."
    )
    suggested = serializers.BooleanField(required=False, help_text="A model is suggested.")

    def validate_result(self, word: str) -> str:
        return _one_of(word, TestResult.values)

    def validate_status(self, word: str) -> str:
        return _one_of(word, DeviceStatus.values)

    @property
    def filters(self) -> DeviceFilters:
        chosen: dict[str, Any] = {
            name: "yes" if value is True else value
            for name, value in self.validated_data.items()
            if value not in (None, False)
        }
        return DeviceFilters(**chosen)


def _one_of(word: str, words: list[str]) -> str:
    if word not in words:
        raise serializers.ValidationError(f"One of: {', '.join(words)}")
    return word


class DeviceSerializer(CamelCase):
    imei = serializers.CharField()
    luhn_valid = serializers.BooleanField(help_text="Whether its check digit is right.")
    status = serializers.CharField(help_text="active or removed")
    name = serializers.CharField()
    brand = serializers.CharField(source="skuinfo.brand")
    model = serializers.CharField(source="skuinfo.model")
    model_number = serializers.CharField(source="skuinfo.model_number", allow_null=True)
    storage = serializers.CharField(source="skuinfo.storage")
    ram = serializers.CharField(source="skuinfo.ram", allow_null=True)
    color = serializers.CharField(source="skuinfo.color")
    carrier = serializers.CharField(source="skuinfo.carrier")
    sku = serializers.CharField(allow_null=True)
    sku_source = serializers.CharField(source="skuinfo.sku_source", allow_null=True)
    serial_number = serializers.CharField(source="unitinfo.serial_number", allow_null=True)
    imei2 = serializers.CharField(source="unitinfo.imei2", allow_null=True)
    warehouse = serializers.CharField(source="stock.location.warehouse.name")
    location = serializers.CharField(source="stock.location.name")
    working_status = serializers.CharField(source="inspection.working_status")
    grade = serializers.CharField(source="inspection.grade", allow_null=True)
    battery_health = serializers.IntegerField(source="inspection.battery_health", allow_null=True)
    battery_cycle = serializers.IntegerField(source="inspection.battery_cycle", allow_null=True)
    assumed = serializers.ListField(
        child=serializers.CharField(), help_text="Fields whose value is a fallback."
    )
    suggested = serializers.JSONField(allow_null=True, help_text="{brand, model}, by its TAC.")
    last_batch_id = serializers.CharField(allow_null=True)
    received_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()


class TestSerializer(CamelCase):
    # Not a class of tests.
    __test__ = False

    queue_item_id = serializers.IntegerField(allow_null=True)
    test_type = serializers.CharField()
    test_result = serializers.CharField()
    working = serializers.CharField()
    defects = serializers.CharField(allow_null=True)
    tester_name = serializers.CharField(allow_null=True)
    notes = serializers.CharField()
    tested_at = Moment()


class MovementSerializer(CamelCase):
    id = serializers.IntegerField()
    imei = serializers.CharField()
    reason = serializers.CharField(help_text="intake, move, return, remove or undo")
    from_location = serializers.CharField(source="from_location.name", default=None)
    to_location = serializers.CharField(source="to_location.name", default=None)
    queue_item_id = serializers.IntegerField(allow_null=True)
    moved_by = serializers.CharField(source="moved_by.username", default=None)
    note = serializers.CharField()
    created_at = Moment()


class DeviceDetailSerializer(DeviceSerializer):
    description = serializers.CharField()
    screen_condition = serializers.CharField(source="inspection.screen_condition")
    body_condition = serializers.CharField(source="inspection.body_condition")
    defects = serializers.CharField(source="inspection.defects", allow_null=True)
    notes = serializers.CharField(source="inspection.notes")
    repair_notes = serializers.CharField(source="inspection.repair_notes", allow_null=True)
    mdm = serializers.CharField(source="inspection.mdm", allow_null=True)
    tester_name = serializers.CharField(source="inspection.tester_name", allow_null=True)
    station = serializers.CharField(source="inspection.station", allow_null=True)
    check_date = Moment(source="inspection.check_date", allow_null=True)
    test_results = serializers.JSONField(source="inspection.test_results", allow_null=True)
    tests = serializers.SerializerMethodField(help_text="The newest 50.")
    movements = serializers.SerializerMethodField(help_text="The newest 50.")
    differs_from_tac = serializers.SerializerMethodField(method_name="get_differs_from_tac")
    second_of = serializers.SerializerMethodField(
        method_name="get_second_of", help_text="IMEIs of devices that name this one as second."
    )

    @extend_schema_field(TestSerializer(many=True))
    def get_tests(self, device: Any) -> Any:
        return TestSerializer(self.context["detail"].tests, many=True).data

    @extend_schema_field(MovementSerializer(many=True))
    def get_movements(self, device: Any) -> Any:
        return MovementSerializer(self.context["detail"].movements, many=True).data

    def get_differs_from_tac(self, device: Any) -> bool:
        return bool(self.context["detail"].differs_from_tac)

    def get_second_of(self, device: Any) -> list[str]:
        return [other.imei for other in self.context["detail"].second_of]


class MoveRequest(CamelCase):
    location = serializers.CharField(max_length=MOST_LETTERS)
    warehouse = serializers.CharField(required=False, max_length=MOST_LETTERS)
    note = serializers.CharField(required=False, max_length=500)


class RemoveRequest(CamelCase):
    reason = serializers.CharField(max_length=500)


class RestoreRequest(CamelCase):
    note = serializers.CharField(required=False, max_length=500)


class LocationSerializer(CamelCase):
    id = serializers.IntegerField()
    warehouse = serializers.CharField(source="warehouse.name")
    name = serializers.CharField()
    description = serializers.CharField()
    auto_created = serializers.BooleanField()
    is_active = serializers.BooleanField()
    created_at = Moment()


class StockSumSerializer(CamelCase):
    warehouse = serializers.CharField(allow_null=True)
    location = serializers.CharField(allow_null=True)
    sku = serializers.CharField(allow_null=True)
    in_stock = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    pending = serializers.IntegerField()


class StockSerializer(CamelCase):
    totals = serializers.SerializerMethodField()
    results = StockSumSerializer(many=True)

    @extend_schema_field(StockSumSerializer)
    def get_totals(self, found: Any) -> Any:
        return StockSumSerializer(found["totals"]).data
