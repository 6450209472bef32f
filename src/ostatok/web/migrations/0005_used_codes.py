"""Codes of apps that were used, so that each is taken once. No page behind the wall has any business with them."""

from django.db import migrations

from ostatok.parties.wall_schema import statements


class Migration(migrations.Migration):
    dependencies = [("web", "0004_kept_answers"), ("parties", "0006_the_wall")]
    operations = [
        statements(
            """
            CREATE TABLE used_code (
                user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
                period bigint NOT NULL,
                PRIMARY KEY (user_id, period)
            );
            CREATE INDEX used_code_period ON used_code (period);
            REVOKE ALL ON used_code FROM {staff}, {customer};
            """,
            "DROP TABLE used_code",
        )
    ]
