"""The outbox behind the wall. A customer sees what was sent to itself, not what its operator was told of it."""

from django.db import migrations

from ostatok.parties import wall_schema
from ostatok.parties.wall_schema import protect

ITS_NOTICE = "EXISTS (SELECT FROM notice WHERE notice.id = notice_id)"
ITS_DELIVERY = "EXISTS (SELECT FROM delivery WHERE delivery.id = delivery_id)"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_one_index_by_notice"), ("notices", "0002_the_wall")]
    operations = [
        protect("delivery", customer=f"recipient = 'client' AND {ITS_NOTICE}"),
        protect("delivery_message", via="delivery.organization_id", customer=ITS_DELIVERY),
        protect("attempt"),
        # A view looks with its owner's eyes unless told otherwise.
        migrations.RunSQL(
            "ALTER VIEW delivery_queue SET (security_invoker = true)",
            "ALTER VIEW delivery_queue RESET (security_invoker)",
        ),
        wall_schema.withhold("worker", "circuit"),
    ]
