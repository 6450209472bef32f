"""The rules behind the wall. Those of the organizations above speak to one's clients too, so they are seen."""

from django.db import migrations

from ostatok.parties import wall_schema
from ostatok.parties.wall_schema import protect


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_base_of_a_segment"), ("parties", "0006_the_wall")]
    operations = [
        protect("rule", above=True),
        protect("rule_band", via="rule.organization_id", above=True),
        protect("rule_condition", via="rule.organization_id"),
        protect("rule_recipient", via="rule.organization_id"),
        protect("alarm"),
        protect("alarm_epoch", via="balance.organization_id"),
        wall_schema.withhold("segment_rule"),
    ]
