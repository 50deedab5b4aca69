from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0006_analytics_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="queuecontrol",
            options={"verbose_name": "queue"},
        ),
    ]
