"""What a rule told last is found by the rule."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_the_wall")]
    operations = [
        migrations.AddIndex("notice", models.Index(fields=["rule", "-id"], name="notice_by_rule")),
    ]
