"""Which subject of the provider a user is, behind the wall: colleagues see it, and one user is one subject."""

from django.db import migrations

from ostatok.parties.wall_schema import protect_by, withhold

ONES_OWN = "user_id = (SELECT wall_user())"
OF_SOMEBODY_KNOWN = "EXISTS (SELECT FROM app_user WHERE app_user.id = socialaccount_socialaccount.user_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0002_the_wall"),
        ("parties", "0006_the_wall"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        migrations.RunSQL(
            "create unique index link_once on socialaccount_socialaccount (provider, user_id)",
            "drop index link_once",
        ),
        protect_by("socialaccount_socialaccount", sees=OF_SOMEBODY_KNOWN, changes="false", customer=ONES_OWN),
        # Providers are described by the environment and tokens are not kept: nothing ever stands in these.
        withhold("socialaccount_socialapp", "socialaccount_socialtoken"),
    ]
