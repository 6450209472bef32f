import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0002_invariants"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditrecord",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                to="parties.organization",
            ),
        ),
    ]
