from django.db import migrations


class Migration(migrations.Migration):
    """Finds the next message of one queue without reading those of the others."""

    dependencies = [
        ("jobs", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX jobs_broker_key_lock ON django_q_ormq (key, lock, id)",
            "DROP INDEX jobs_broker_key_lock",
        )
    ]
