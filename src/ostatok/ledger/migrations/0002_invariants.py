"""What the database itself keeps true: entries only grow, signs fit kinds, numbers follow their account.

Entries carry no foreign key to their balance: posting finds the balance in the same statement, the
key's check would cost a row lock per entry, and `ostatok check` proves it. Balances with entries
cannot be deleted.
"""

from typing import ClassVar

from django.db import migrations

ENTRY = """
ALTER TABLE entry
    ADD CONSTRAINT entry_sign_fits_kind CHECK (
        CASE kind WHEN 1 THEN amount > 0 WHEN 2 THEN amount <= 0 WHEN 3 THEN amount <> 0 WHEN 4 THEN amount < 0
             ELSE kind IN (5, 6, 7) END),
    ADD CONSTRAINT entry_amount_is_a_number CHECK (amount <> 'NaN'),
    ADD CONSTRAINT entry_reversal_names_its_ref CHECK ((kind = 5) = (reverses IS NOT NULL)),
    ADD CONSTRAINT entry_seq_positive CHECK (seq > 0),
    ADD CONSTRAINT entry_opening_comes_first CHECK (kind <> 6 OR seq = 1),
    ADD CONSTRAINT entry_ref_not_empty CHECK (ref <> '');
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

BALANCE = """
ALTER TABLE account ADD CONSTRAINT account_identity UNIQUE (id, organization_id, number);
ALTER TABLE balance
    SET (fillfactor = 80),
    ADD CONSTRAINT balance_follows_account FOREIGN KEY (account_id, organization_id, number)
        REFERENCES account (id, organization_id, number) ON UPDATE CASCADE,
    ADD CONSTRAINT balance_amount_is_a_number CHECK (amount <> 'NaN' AND credit_limit <> 'NaN' AND held <> 'NaN'),
    ADD CONSTRAINT balance_held_positive CHECK (held >= 0),
    ADD CONSTRAINT balance_seq_positive CHECK (seq >= 0 AND epoch BETWEEN 0 AND seq);
CREATE FUNCTION balance_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > 0 THEN
        RAISE EXCEPTION 'balance % was posted to and cannot be deleted', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER balance_keeps_entries BEFORE DELETE ON balance FOR EACH ROW EXECUTE FUNCTION balance_refuse_delete();
"""

EPOCH = """
ALTER TABLE epoch ADD CONSTRAINT epoch_reversed_later CHECK (reversed_seq > seq);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0001_initial"), ("parties", "0002_invariants")]
    operations: ClassVar = [
        migrations.RunSQL(
            ENTRY,
            "DROP TRIGGER entry_append_only ON entry; ALTER TABLE entry DROP CONSTRAINT entry_sign_fits_kind,"
            " DROP CONSTRAINT entry_amount_is_a_number, DROP CONSTRAINT entry_reversal_names_its_ref,"
            " DROP CONSTRAINT entry_seq_positive, DROP CONSTRAINT entry_opening_comes_first, DROP CONSTRAINT entry_ref_not_empty",
        ),
        migrations.RunSQL(
            BALANCE,
            "DROP TRIGGER balance_keeps_entries ON balance; DROP FUNCTION balance_refuse_delete;"
            "ALTER TABLE balance RESET (fillfactor), DROP CONSTRAINT balance_follows_account,"
            " DROP CONSTRAINT balance_amount_is_a_number, DROP CONSTRAINT balance_held_positive,"
            " DROP CONSTRAINT balance_seq_positive; ALTER TABLE account DROP CONSTRAINT account_identity",
        ),
        migrations.RunSQL(EPOCH, "ALTER TABLE epoch DROP CONSTRAINT epoch_reversed_later"),
    ]
