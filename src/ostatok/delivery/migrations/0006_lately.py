"""The deliveries of a day lie together at the end of the table: they are counted without a look at the rest."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_finding")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX delivery_lately ON delivery USING brin (created_at) "
            "WITH (pages_per_range = 32, autosummarize = on)",
            "DROP INDEX delivery_lately",
        )
    ]
