"""Notices are found by organization, by rule and by what is open in the order of when they were raised."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_forecast")]
    operations = [
        migrations.AddIndex(
            "notice", models.Index(fields=["organization", "raised_at", "id"], name="notice_by_organization_at")
        ),
        migrations.RemoveIndex("notice", "notice_by_organization"),
        migrations.AddIndex("notice", models.Index(fields=["rule", "raised_at", "id"], name="notice_by_rule_at")),
        migrations.RemoveIndex("notice", "notice_by_rule"),
        migrations.AddIndex(
            "notice",
            models.Index(
                fields=["organization", "raised_at", "id"],
                name="notice_open",
                condition=models.Q(state__in=["waiting", "failed"]),
            ),
        ),
    ]
