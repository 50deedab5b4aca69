from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_trouble_index")]

    operations = [
        migrations.AlterModelOptions(
            name="pausedjobtype",
            options={
                "permissions": [("pause_job_type", "Can pause and resume a type of job")],
                "verbose_name": "job type",
            },
        ),
    ]
