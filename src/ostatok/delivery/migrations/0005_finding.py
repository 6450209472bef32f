"""Deliveries are found by their address; those that somebody must look at without a look at the rest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0004_the_wall")]
    operations = [
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["organization", "-id"],
                name="delivery_troubled",
                condition=models.Q(state__in=["dead", "unknown"]),
            ),
        ),
        migrations.AddIndex("delivery", models.Index(fields=["address"], name="delivery_by_address")),
    ]
