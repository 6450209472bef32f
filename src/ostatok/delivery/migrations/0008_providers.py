"""Deliveries and attempts keep which provider they went over, by the name that its circuit has."""

from django.db import migrations, models

RENAME = "UPDATE circuit SET provider = 'smtp:' || substr(provider, 7) WHERE provider LIKE 'email %'"
RENAME_BACK = "UPDATE circuit SET provider = 'email ' || substr(provider, 6) WHERE provider LIKE 'smtp:%'"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0007_digests")]

    operations = [
        # A constant in the catalogue: no row is written.
        migrations.AddField(
            model_name="delivery",
            name="provider",
            field=models.CharField(db_default="", default="", max_length=250),
        ),
        migrations.AddField(
            model_name="attempt",
            name="provider",
            field=models.CharField(db_default="", default="", max_length=250),
        ),
        migrations.RunSQL(RENAME, RENAME_BACK),
    ]
