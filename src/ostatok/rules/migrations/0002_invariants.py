"""What the database itself keeps true of alarms, and the index that finds due repeats."""

from typing import ClassVar

from django.db import migrations

ALARM = """
ALTER TABLE alarm
    SET (fillfactor = 85),
    ADD CONSTRAINT alarm_silent_only_while_firing CHECK (firing OR NOT silent),
    ADD CONSTRAINT alarm_repeats_only_while_firing CHECK (next_repeat_at IS NULL OR (firing AND NOT silent));
ALTER TABLE alarm_epoch ADD CONSTRAINT alarm_epoch_raised_positive CHECK (raised >= 0);
CREATE INDEX alarm_repeat_due ON alarm (next_repeat_at) WHERE next_repeat_at IS NOT NULL;
CREATE INDEX rule_condition_facets ON rule_condition USING gin (facets);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("rules", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            ALARM,
            "DROP INDEX rule_condition_facets; DROP INDEX alarm_repeat_due;"
            "ALTER TABLE alarm_epoch DROP CONSTRAINT alarm_epoch_raised_positive;"
            "ALTER TABLE alarm RESET (fillfactor), DROP CONSTRAINT alarm_silent_only_while_firing,"
            " DROP CONSTRAINT alarm_repeats_only_while_firing",
        ),
    ]
