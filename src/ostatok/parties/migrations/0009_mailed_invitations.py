"""Which links went to the mailbox: those before this are not known to have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0008_finding_in_the_audit")]
    operations = [migrations.AddField("invitation", "mailed", models.BooleanField(default=False))]
