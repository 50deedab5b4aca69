import pytest

from inventory.errors import SchemaInvalid
from inventory.models import QueueItem, QueueSource
from inventory.selectors import source_items
from inventory.services.schemas import check_schema, try_source
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, phones

DRAFT = "https://json-schema.org/draft/2020-12/schema"
GOOD = [
    {},
    {"$schema": DRAFT, "type": "object", "required": ["grade"]},
    {
        "$defs": {"grade": {"enum": ["A", "B"]}},
        "properties": {"grade": {"$ref": "#/$defs/grade"}, "$ref": {"type": "string"}},
    },
    {"properties": {"imei": {"pattern": "^[0-9]{15}$"}}},
]
BOMB = {
    "$defs": {
        **{f"d{n}": {"allOf": 2 * [{"$ref": f"#/$defs/d{n + 1}"}]} for n in range(40)},
        "d40": {"type": "string"},
    },
    "properties": {"name": {"$ref": "#/$defs/d0"}},
}
CHAIN = {"$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(1_500)} | {"d1500": {}}}
BAD = [
    ([], "JSON object"),
    (None, "JSON object"),
    ({"type": "phone"}, r"^\$.type: "),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "draft 2020-12"),
    ({"$ref": "https://example.com/phone.json"}, "another document"),
    ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "another document"),
    ({"allOf": [{"$dynamicRef": "other.json#x"}]}, "another document"),
    ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "leads nowhere"),
    ({"$ref": "#"}, "without an end"),
    ({"patternProperties": {"(": {}}}, "is not a 'regex'"),
    ({"properties": {"a": {"pattern": "["}}}, "is not a 'regex'"),
    ({"properties": {"a": {"pattern": "^(a+)+$"}}}, "would take hours"),
    ({"patternProperties": {"(.*,){9}x": {}}}, "repeats what repeats itself"),
    (BOMB, "over 20,000 parts"),
    (CHAIN | {"$ref": "#/$defs/d0"}, "refers to itself"),
    ({"title": "x" * 65_536}, "larger than 64 KB"),
    ({"title": "\0"}, "NUL"),
    ({"title": "\ud800"}, "surrogate"),
]


class TestCheckSchema:
    @pytest.mark.parametrize("schema", GOOD)
    def test_takes_what_is_complete_in_itself(self, schema):
        check_schema(schema)

    @pytest.mark.parametrize(("schema", "reason"), BAD, ids=[reason for _, reason in BAD])
    def test_refuses_what_a_drain_could_not_use(self, schema, reason):
        with pytest.raises(SchemaInvalid, match=reason):
            check_schema(schema)


@pytest.mark.django_db
class TestTrySource:
    def test_holds_the_latest_items_against_the_schema(self, monkeypatch):
        monkeypatch.setattr(source_items, "SHOWN", 3)
        organization = OrganizationFactory()
        add(organization, *phones(1, 3), source="station")
        add(organization, {"imei": imei_of(5), "grade": "A"}, *phones(6, 7), source="station")
        add(organization, *phones(8, 9), source="other")
        add(OrganizationFactory(), *phones(8, 9), source="station")
        source = QueueSource(
            organization=organization, name="station", json_schema={"required": ["grade"]}
        )

        result = try_source(source)

        assert (result.tested, result.passed) == (3, 1)
        newest, older = result.refused
        assert newest[1] == "$: 'grade' is a required property"
        assert newest[0] > older[0]
        assert QueueItem.objects.filter(status="pending").count() == 6

    def test_finds_nothing_wrong_without_a_schema(self):
        organization = OrganizationFactory()
        add(organization, *phones(1, 3), source="station")

        result = try_source(QueueSource(organization=organization, name="station"))

        assert (result.tested, result.refused) == (2, [])
