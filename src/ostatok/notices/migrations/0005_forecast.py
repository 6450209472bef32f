"""A notice keeps for how many days it was to last, and until when it did."""

from django.db import migrations, models

KINDS = [
    ("balance_band", "balance in a band"),
    ("balance_below", "balance below a threshold"),
    ("balance_above", "balance above a threshold"),
    ("balance_exhausted", "balance exhausted"),
    ("forecast_below", "lasts for fewer days"),
]


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_digests"), ("rules", "0005_forecast")]
    operations = [
        migrations.AddField(model_name="notice", name="days", field=models.SmallIntegerField(null=True)),
        migrations.AddField(model_name="notice", name="lasts_until", field=models.DateTimeField(null=True)),
        migrations.AlterField(model_name="notice", name="kind", field=models.CharField(choices=KINDS, max_length=24)),
        migrations.AlterField(model_name="template", name="kind", field=models.CharField(choices=KINDS, max_length=24)),
    ]
