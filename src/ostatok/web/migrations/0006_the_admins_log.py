"""Django's admin brings a log of changes, which nobody makes there: behind the wall it is nobody's."""

from django.db import migrations

from ostatok.parties.wall_schema import protect_by


class Migration(migrations.Migration):
    dependencies = [("web", "0005_used_codes"), ("admin", "0003_logentry_add_action_flag_choices")]
    operations = [protect_by("django_admin_log", sees="false", changes="false")]
