"""Deliveries wait in queues, one for each lane, channel and organization; a view shows the head of each."""

from typing import ClassVar

from django.db import migrations, models

# Jumps from queue to queue through the index, so it costs one look a queue however many deliveries wait in it.
QUEUES = """
CREATE VIEW delivery_queue AS
WITH RECURSIVE head AS (
    (
        SELECT lane, channel, organization_id, due_at
        FROM delivery
        WHERE state = 'waiting'
        ORDER BY lane, channel, organization_id, due_at, id
        LIMIT 1
    )
    UNION ALL
    SELECT later.*
    FROM head
    CROSS JOIN LATERAL (
        SELECT d.lane, d.channel, d.organization_id, d.due_at
        FROM delivery d
        WHERE d.state = 'waiting'
            AND (d.lane, d.channel, d.organization_id) > (head.lane, head.channel, head.organization_id)
        ORDER BY d.lane, d.channel, d.organization_id, d.due_at, d.id
        LIMIT 1
    ) later
)
SELECT lane, channel, organization_id, due_at FROM head;
"""

# Every delivery is updated at least twice, and mostly within a minute.
UPKEEP = """
ALTER TABLE delivery SET (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05
);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("delivery", "0001_initial")]
    operations: ClassVar = [
        migrations.RemoveIndex("delivery", "delivery_due"),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["lane", "channel", "organization", "due_at", "id"],
                name="delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
        ),
        migrations.RunSQL(QUEUES, "DROP VIEW delivery_queue"),
        migrations.RunSQL(
            UPKEEP,
            "ALTER TABLE delivery RESET ("
            "fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]
