"""The unique key of deliveries leads with the notice: an index of the notice alone only costs."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("delivery", "0002_queues")]
    operations: ClassVar = [
        migrations.AlterField(
            "delivery",
            "notice",
            models.ForeignKey(
                "notices.notice",
                models.DO_NOTHING,
                related_name="deliveries",
                db_index=False,
                db_constraint=False,
            ),
        ),
    ]
