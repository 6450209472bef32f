"""Programs too ask for rules to be switched by a worker."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0010_exactly_in_the_audit"),
        ("rules", "0006_switchings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="switching",
            name="asked_with",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="parties.apikey"
            ),
        ),
        migrations.AlterField(
            model_name="switching",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="switching",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", None), ("asked_with", None), _connector="XOR"),
                name="rule_switching_asked_by_one",
            ),
        ),
    ]
