"""A delivery is of a notice or of a digest."""

import django.db.models.deletion
from django.db import migrations, models

# Before digests each delivery was of a notice: on the way back those of digests go, with what belongs to them.
FORGET_DIGESTS = """
DELETE FROM attempt USING delivery WHERE attempt.delivery_id = delivery.id AND delivery.digest_id IS NOT NULL;
DELETE FROM delivery_message USING delivery
    WHERE delivery_message.delivery_id = delivery.id AND delivery.digest_id IS NOT NULL;
DELETE FROM delivery WHERE digest_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0006_lately"),
        ("notices", "0004_digests"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="digest",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="deliveries",
                to="notices.digest",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="notice",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="deliveries",
                to="notices.notice",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET_DIGESTS),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest__isnull", False)), fields=("digest",), name="delivery_of_a_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("digest__isnull", True), ("notice__isnull", False)),
                    models.Q(("digest__isnull", False), ("notice__isnull", True)),
                    _connector="OR",
                ),
                name="delivery_of_a_notice_or_a_digest",
            ),
        ),
    ]
