"""The table of Django's database cache: rate limits are counted there by all processes together."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            """
            create unlogged table cache (
                cache_key varchar(255) primary key,
                value text not null,
                expires timestamptz not null
            );
            create index cache_expires on cache (expires);
            """,
            "drop table cache",
        )
    ]
