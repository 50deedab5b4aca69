import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from qrtracking.models import Batch, Order, Product
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import OrderFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db


def generate(*arguments, org="harbor-tea-works", product="TEA100", variants=("MINT:20",)):
    out = StringIO()
    call_command(
        "qr_generate_batch",
        *(f"--variant={variant}" for variant in variants),
        f"--org={org}",
        f"--product={product}",
        "--json",
        *arguments,
        stdout=out,
    )
    return json.loads(out.getvalue())


@pytest.fixture(autouse=True)
def organization():
    return OrganizationFactory(slug="harbor-tea-works", name="Harbor Tea Works")


class TestQrGenerateBatch:
    def test_generates_an_order_and_its_batch(self, organization):
        facts = generate(variants=["JAS-204518:250", "MINT:100"])

        batch = Batch.objects.get(organization=organization)
        assert (
            facts.items()
            >= {
                "order_id": str(batch.order_id),
                "order_no": batch.order.order_no,
                "batch_id": str(batch.pk),
                "batch_code": batch.batch_code,
                "units": 350,
                "spares": 35,
                "cases": 4,
            }.items()
        )
        assert facts["seconds"] > 0
        assert facts["codes_per_second"] > 0
        assert batch.status == "generated"
        assert batch.units.count() == 385

    def test_uses_the_variants_that_exist(self, organization):
        variant = ProductVariantFactory(
            product__organization=organization, product__product_code="TEA100", variant_code="MINT"
        )

        generate()

        assert Product.objects.get() == variant.product
        assert Order.objects.get().items.get().variant == variant

    def test_follows_its_options(self):
        facts = generate(
            "--units-per-case=50",
            "--spare-percent=0",
            "--order-no=ORD-7",
            "--item-case-sizes",
            variants=["A:250:100", "B:130"],
        )

        assert (facts["order_no"], facts["spares"], facts["cases"]) == ("ORD-7", 0, 5)

    def test_leaves_the_work_to_others_in_the_background(self):
        facts = generate("--background")

        assert facts["status"] == "queued"
        assert Batch.objects.get().units.count() == 0

    def test_finds_the_organization_by_id_or_name(self, organization):
        generate(org=str(organization.pk))
        generate(org="harbor tea works")

        assert Batch.objects.filter(organization=organization).count() == 2

    def test_prints_lines_for_people(self):
        out = StringIO()

        call_command(
            "qr_generate_batch", "--org=harbor-tea-works", "--product=TEA100",
            "--variant=MINT:20", stdout=out,
        )  # fmt: skip

        assert "units: 20\nspares: 2\ncases: 1\n" in out.getvalue()

    @pytest.mark.parametrize(
        "arguments",
        [
            {"org": "nobody"},
            {"variants": ["MINT"]},
            {"variants": ["MINT:x"]},
            {"variants": ["MINT:0"]},
            {"variants": ["MINT:1:2:3"]},
            {"variants": ["MINT:1", "MINT:2"]},
        ],
    )
    def test_refuses_what_makes_no_order(self, arguments):
        with pytest.raises(CommandError):
            generate(**arguments)
        assert not Order.objects.exists()
        assert not Product.objects.exists()

    @pytest.mark.parametrize("percent", ["x", "-1", "101"])
    def test_refuses_a_wrong_percentage(self, percent):
        with pytest.raises(CommandError):
            generate(f"--spare-percent={percent}")

    def test_refuses_a_number_that_is_taken(self, organization):
        OrderFactory(organization=organization, order_no="ORD-7")

        with pytest.raises(CommandError, match="This order number is taken"):
            generate("--order-no=ORD-7")

    def test_fails_when_the_batch_fails(self, settings):
        settings.QR_HASH_SECRET = ""

        with pytest.raises(CommandError, match="QR_HASH_SECRET"):
            generate()
