"""What a panel takes for the 100 % of a balance: the mark of the band rule that speaks to it.

A function of the owner's, since a customer sees the bar of a balance but not the rules of its operator.
"""

from typing import ClassVar

from django.db import migrations

# Of several rules the one of the nearest organization, then the first in their order.
BASE = """
CREATE FUNCTION segment_base(segment integer) RETURNS text STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN coalesce((
        SELECT r.mark
        FROM segment_rule sr
        JOIN rule r ON r.id = sr.rule_id AND r.kind = 'balance_band' AND r.state = 'active'
        JOIN organization o ON o.id = r.organization_id
        WHERE sr.segment_id = segment
        ORDER BY cardinality(o.path) DESC, r.sort_order, r.id
        LIMIT 1
    ), 'last_top_up');
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("rules", "0002_invariants")]
    operations: ClassVar = [migrations.RunSQL(BASE, "DROP FUNCTION segment_base")]
