"""The ledger behind the wall. A customer sees the accounts of its clients and what is left on them."""

from django.db import migrations

from ostatok.parties import wall_schema
from ostatok.parties.wall_schema import OF_CLIENTS, protect

FUNCTIONS = """
CREATE FUNCTION wall_accounts() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (SELECT array_agg(id) FROM account WHERE client_id = ANY (wall_clients()));
CREATE FUNCTION wall_balances() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (SELECT array_agg(id) FROM balance WHERE account_id = ANY (wall_accounts()));
CREATE FUNCTION wall_services() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (SELECT array_agg(DISTINCT service_id) FROM balance WHERE account_id = ANY (wall_accounts()));
REVOKE EXECUTE ON FUNCTION wall_accounts(), wall_balances(), wall_services() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall_accounts(), wall_balances(), wall_services() TO {customer};
"""

ITS_BALANCES = "ANY ((SELECT wall_balances())::bigint[])"
# Tables that grow lead with the organization: so do their indexes.
OF_ITS_BALANCES = f"organization_id = ANY ((SELECT wall_served_by())::bigint[]) AND balance_id = {ITS_BALANCES}"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_outlook"), ("parties", "0006_the_wall")]
    operations = [
        wall_schema.statements(FUNCTIONS, "DROP FUNCTION wall_services(), wall_balances(), wall_accounts()"),
        protect("service", above=True, customer="id = ANY ((SELECT wall_services())::bigint[])"),
        protect("account", customer=f"client_id = {OF_CLIENTS}"),
        protect("balance", customer="account_id = ANY ((SELECT wall_accounts())::bigint[])"),
        protect("entry", customer=OF_ITS_BALANCES),
        protect("epoch", customer=OF_ITS_BALANCES),
        protect("outlook", customer=OF_ITS_BALANCES),
        protect("band_count"),
        wall_schema.withhold("facet", "segment", "outlook_pass", "outlook_mark"),
    ]
