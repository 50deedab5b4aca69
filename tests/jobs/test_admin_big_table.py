import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.postgres.indexes import OpClass
from django.db import connection, models
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from accounts.models import TenantModel
from jobs.admin_base import BigTableAdmin, JobAdmin, count_rows, preset_range
from jobs.admin_base.checks import BigTableChecks, JobChecks, indexed_fields, prefix_fields
from jobs.admin_base.counting import COUNT_LIMIT, BoundedPaginator, RowCount, estimate_rows
from jobs.models import JobEvent
from tests.accounts.factories import OrganizationFactory, UserFactory, grant
from tests.jobs.factories import SampleJobFactory
from tests.jobs.sample.models import SampleJob

LIST = "/admin/sample/samplejob/"
ROWS = 100_000


class Label(TenantModel):
    """Never created: its admin classes are only checked."""

    code = models.CharField(max_length=20)
    note = models.CharField(max_length=20)
    kind = models.CharField(max_length=5, choices=[("a", "A")])
    is_printed = models.BooleanField(default=False)
    number = models.IntegerField(unique=True)
    series = models.IntegerField()

    class Meta:
        app_label = "sample"
        managed = False
        db_table = "sample_label"
        indexes = [
            models.Index(OpClass(Upper("code"), name="text_pattern_ops"), name="label_code"),
            models.Index("note", condition=models.Q(is_printed=True), name="label_note"),
            models.Index(fields=["-created_at", "id"], name="label_created"),
        ]
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="label_series")]

    def __str__(self):
        return self.code


# Nobody else shall meet it: not the deletion of an organization, nor the look for migrations.
apps.all_models["sample"].pop("label")
apps.clear_cache()


def errors(base=BigTableAdmin, model=Label, **members):
    members = {"autocomplete_fields": [], "raw_id_fields": ["organization"], **members}
    admin_class = type("LabelAdmin", (base,), members)
    found = base.checks_class().check(admin_class(model, admin.site))
    return [error.msg for error in found if error.id.startswith("jobs.")]


FILL = """
    INSERT INTO sample_job (organization_id, status, kind, total, written, ends, fault,
        created_at, updated_at, completed_at, started_at)
    SELECT %s, CASE WHEN n %% 2500 = 0 THEN 'failed' ELSE 'completed' END, 'count', 1, 1, 1, '',
        now() - n * interval '1 minute', now(),
        now() - n * interval '1 minute', now() - (n + 1) * interval '1 minute'
    FROM generate_series(1, %s) AS n
"""


@pytest.fixture(scope="class")
def crowd(django_db_setup, django_db_blocker):
    """100,000 jobs of one organization, 40 of them failed, which stay until the class is through.

    Committed, because the planner's statistics are not rolled back with a test.
    """
    with django_db_blocker.unblock():
        organization = OrganizationFactory()
        with connection.cursor() as cursor:
            cursor.execute(FILL, [organization.pk, ROWS])
            cursor.execute("ANALYZE sample_job")
    yield organization
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE sample_job")
            cursor.execute("ANALYZE sample_job")
        organization.delete()


class TestIndexedFields:
    def test_are_those_that_lead_an_index_of_the_whole_table(self):
        assert indexed_fields(Label) == {"id", "number", "organization", "created_at", "series"}

    def test_include_the_indexes_of_the_kernel(self):
        assert {"id", "created_at", "organization"} <= indexed_fields(SampleJob)
        assert not {"priority", "status", "completed_at"} & indexed_fields(SampleJob)


class TestPrefixFields:
    def test_are_those_with_an_index_on_upper(self):
        assert prefix_fields(Label) == {"code"}


class TestBigTableChecks:
    @pytest.mark.parametrize(
        "members",
        [
            {},
            {"search_prefix": ["code"], "search_exact": ["id", "number"]},
            {"list_filter": ["kind", "is_printed", preset_range("created_at")]},
            {"ordering": ["-created_at", "-id"]},
            {"ordering": ["pk"]},
            {"raw_id_fields": [], "readonly_fields": ["organization"]},
            {"raw_id_fields": [], "exclude": ["organization"]},
        ],
    )
    def test_accept_what_an_index_serves(self, members):
        assert errors(**members) == []

    @pytest.mark.parametrize(
        ("members", "word"),
        [
            ({"date_hierarchy": "created_at"}, "date_hierarchy"),
            ({"list_filter": ["organization"]}, "organization"),
            ({"list_filter": ["note"]}, "note"),
            ({"list_filter": ["nothing"]}, "nothing"),
            ({"list_filter": [("kind", admin.AllValuesFieldListFilter)]}, "AllValues"),
            ({"list_filter": [("created_at", admin.DateFieldListFilter)]}, "DateField"),
            ({"search_exact": ["note"]}, "note leads no index"),
            ({"search_exact": ["code"]}, "code leads no index"),
            ({"search_prefix": ["note"]}, "no index on upper(note)"),
            ({"ordering": ["note"]}, "note"),
            ({"ordering": [models.F("code").desc()]}, "ordering"),
            ({"raw_id_fields": []}, "organization loads all rows"),
        ],
    )
    def test_refuse_what_reads_the_table(self, members, word):
        (message,) = errors(**members)

        assert word in message

    def test_refuse_a_job_model_without_the_permissions_of_its_verbs(self):
        permissions = SampleJob._meta.permissions
        SampleJob._meta.permissions = [p for p in permissions if p[0] != "retry_samplejob"]
        try:
            found = errors(JobAdmin, SampleJob)
            narrowed = errors(JobAdmin, SampleJob, verbs=["cancel"])
        finally:
            SampleJob._meta.permissions = permissions

        assert found == ["LabelAdmin: sample.SampleJob declares no sample.retry_samplejob."]
        assert narrowed == []

    def test_refuse_a_job_model_whose_types_no_index_tells_apart(self, monkeypatch):
        monkeypatch.setattr(SampleJob, "type_field", "fault")

        (message,) = errors(JobAdmin, SampleJob)

        assert "by fault, which leads no index" in message

    def test_are_those_of_their_base_class(self):
        assert BigTableAdmin.checks_class is BigTableChecks
        assert JobAdmin.checks_class is JobChecks


class TestBigTableAdmin:
    def make(self, **members):
        return type("LabelAdmin", (BigTableAdmin,), members)(Label, admin.site)

    def test_sorts_by_indexed_columns_only(self, rf):
        label_admin = self.make(list_display=["code", "number", "note", "organization"])

        assert label_admin.get_sortable_by(rf.get("/")) == ["number", "organization"]

    def test_joins_the_foreign_keys_that_it_shows(self, rf):
        label_admin = self.make(list_display=["code", "organization"])

        assert label_admin.get_list_select_related(rf.get("/")) == ["organization"]

    def test_keeps_a_select_related_of_everything(self, rf):
        assert self.make(list_select_related=True).get_list_select_related(rf.get("/")) is True

    def test_says_what_the_search_box_finds(self):
        label_admin = self.make(search_exact=["number"], search_prefix=["code"])

        assert label_admin.search_help_text == "Finds: exact number, start of code"

    def test_searches_a_prefix_as_its_index_is_written(self, rf):
        label_admin = self.make(search_exact=["number"], search_prefix=["code"])

        queryset, _ = label_admin.get_search_results(rf.get("/"), Label.objects.all(), " ab1 ")

        assert 'UPPER("sample_label"."code"::text) LIKE UPPER(ab1%)' in str(queryset.query)
        assert '"number" =' not in str(queryset.query)

    def test_searches_a_number_exactly(self, rf):
        label_admin = self.make(search_exact=["number"])

        found, _ = label_admin.get_search_results(rf.get("/"), Label.objects.all(), "12")

        assert '"number" = 12' in str(found.query)

    def test_finds_nothing_for_a_text_that_no_column_can_hold(self, rf):
        label_admin = self.make(search_exact=["number"])

        found, _ = label_admin.get_search_results(rf.get("/"), Label.objects.all(), "twelve")

        assert list(found) == []

    def test_leaves_the_list_alone_without_a_term(self, rf):
        label_admin = self.make(search_exact=["number"])
        labels = Label.objects.all()

        assert label_admin.get_search_results(rf.get("/"), labels, "  ") == (labels, False)

    def test_offers_no_bulk_delete(self, admin_user, rf):
        request = rf.get("/")
        request.user = admin_user

        assert "delete_selected" not in self.make().get_actions(request)


@pytest.mark.django_db
class TestCountRows:
    def test_is_exact_for_few_rows(self):
        SampleJobFactory.create_batch(3)

        assert count_rows(SampleJob.objects.all()) == 3
        assert str(count_rows(SampleJob.objects.filter(status="failed"))) == "0"

    def test_says_more_than_beyond_its_limit(self):
        SampleJobFactory.create_batch(3)

        count = count_rows(SampleJob.objects.filter(status="queued"), limit=2)

        assert count == 3
        assert str(count) == "more than 2"

    def test_takes_the_estimate_for_a_whole_big_table(self, monkeypatch):
        monkeypatch.setattr("jobs.admin_base.counting.estimate_rows", lambda model: 12_345_678)

        assert str(count_rows(SampleJob.objects.all())) == "about 12,345,678"

    def test_does_not_trust_an_estimate_for_a_filtered_list(self, monkeypatch):
        monkeypatch.setattr("jobs.admin_base.counting.estimate_rows", lambda model: 12_345_678)

        assert count_rows(SampleJob.objects.filter(status="queued")) == 0

    def test_estimates_unknown_before_the_first_analysis(self):
        assert estimate_rows(JobEvent) in {-1, 0}


class TestBoundedPaginator:
    def paginator(self, count):
        paginator = BoundedPaginator(SampleJob.objects.none(), 50)
        paginator.count = count
        return paginator

    def test_ends_at_the_last_page_that_is_cheap(self):
        paginator = self.paginator(RowCount(12_000_000, "about 12,000,000"))

        assert paginator.num_pages == 200
        assert paginator.is_cut

    def test_shows_every_page_of_a_short_list(self):
        paginator = self.paginator(120)

        assert paginator.num_pages == 3
        assert not paginator.is_cut


@pytest.mark.django_db
class TestFirstPage:
    @pytest.mark.parametrize(("jobs", "statements"), [(3, 1), (4, 3)])
    def test_of_few_rows_is_read_and_counted_at_once(
        self, django_assert_num_queries, jobs, statements
    ):
        SampleJobFactory.create_batch(jobs)
        paginator = BoundedPaginator(SampleJob.objects.order_by("-pk"), 3)

        # With more rows than a page: the statistics and the bounded count besides.
        with django_assert_num_queries(statements):
            assert paginator.count == jobs
            assert len(paginator.head) == jobs


@pytest.mark.django_db
class TestAHundredThousandJobs:
    QUERIES = [
        {},
        {"state": "failed"},
        {"state": "trouble"},
        {"state": "stuck"},
        {"state": "waiting"},
        {"state": "cancelled"},
        {"created": "24h"},
        {"type": "slow"},
        {"p": "200"},
        {"o": "8"},
        {"q": "01a21251-78ca-7ed7-b612-e97ebcf461ce"},
    ]

    def test_are_listed_without_reading_the_table(self, client, crowd):
        client.force_login(grant(UserFactory(staff=True), "view_samplejob", "view_organization"))
        of_one = {"organization__id__exact": str(crowd.pk)}
        queries = [*self.QUERIES, of_one, of_one | {"state": "failed", "created": "90d"}]

        rows = {str(query): _rows_read(client, query) for query in queries}

        assert {query: count for query, count in rows.items() if count > 2 * COUNT_LIMIT} == {}

    def test_are_counted_by_estimate_or_up_to_the_limit(self, client, crowd):
        client.force_login(grant(UserFactory(staff=True), "view_samplejob"))

        everything = client.get(LIST).context["cl"]
        done = client.get(LIST, {"state": "done"}).context["cl"]
        failed = client.get(LIST, {"state": "failed"}).context["cl"]

        assert str(everything.result_count) == "about 100,000"
        assert str(done.result_count) == f"more than {COUNT_LIMIT:,}"
        assert failed.result_count == 40

    def test_say_that_the_pages_end_before_the_rows(self, client, crowd):
        client.force_login(grant(UserFactory(staff=True), "view_samplejob"))

        shown = client.get(LIST).content.decode()

        assert "about 100,000" in shown
        assert "filter to get further" in shown

    def test_have_a_dashboard_that_reads_the_last_day_only(self, client, crowd):
        client.force_login(grant(UserFactory(staff=True), "view_samplejob"))

        assert _rows_read(client, {}, path="/admin/") < 20_000


def _rows_read(client, query, path=LIST):
    """The rows that the hungriest statement about jobs on this page takes from the table."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, query)
    assert answer.status_code == 200
    statements = [q["sql"] for q in captured if 'FROM "sample_job"' in q["sql"]]
    assert statements
    with connection.cursor() as cursor:
        return max(_rows_of(cursor, statement) for statement in statements)


def _rows_of(cursor, statement):
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
    (plans,) = cursor.fetchone()
    return sum(_scanned(node) for node in _nodes(plans[0]["Plan"]))


def _nodes(node):
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _scanned(node):
    if "Scan" not in node["Node Type"] or "Relation Name" not in node:
        return 0
    removed = node.get("Rows Removed by Filter", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"]
