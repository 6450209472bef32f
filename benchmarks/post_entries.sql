-- Balances that live on a top-up, half to all of it left, so that nobody is below anything yet; four rules a service.

-- name: forget_keys
-- Foreign keys are checked all at once after the load, not row by row.
create table bench_key as
select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
from pg_constraint
where contype = 'f' and conrelid in ('client'::regclass, 'account'::regclass, 'balance'::regclass);
do $$ declare k record; begin for k in select * from bench_key loop
    execute format('alter table %I drop constraint %I', k.owner, k.name); end loop; end $$

-- name: remember_keys
do $$ declare k record; begin for k in select * from bench_key loop
    execute format('alter table %I add constraint %I %s', k.owner, k.name, k.definition); end loop; end $$;
drop table bench_key

-- name: parties
insert into client (
    organization_id, code, name, tax_id, email, phone, language, timezone, status, tags, bank_account, created_at
)
select %(organization)s, 'c' || n, 'Client ' || n, '', 'c' || n || '@client.test', '', '', '', 'active', '{}', '', now()
from generate_series(1, %(accounts)s) n;
insert into account (organization_id, number, client_id, address, billing, status, created_at)
select organization_id, 'A' || lpad(substr(code, 2), 8, '0'), id, '', 'prepaid', 'open', now() from client

-- name: balances
-- Two services for each account. The first accounts were sorted into segments one by one; the others follow them.
with wanted as (
    select a.id as account_id, a.number, s.id as service_id, g.segment_id, 60000 + 60000 * (a.id %% 4) as mark
    from account a
    join service s on s.organization_id = a.organization_id and (s.id - a.id) %% (%(services)s / 2) = 0
    join (select service_id, min(segment_id) as segment_id from balance group by service_id) g on g.service_id = s.id
    where not exists (select from balance b where b.account_id = a.id)
), levelled as (
    select *, round((0.5 + 0.5 * random()::numeric) * mark, 2) as amount from wanted
)
insert into balance (
    organization_id, number, service_id, account_id, segment_id, amount, credit_limit, held, seq, epoch, trip_low,
    trip_high, trip_version, first_entry_at
)
select %(organization)s, l.number, l.service_id, l.account_id, l.segment_id, l.amount, 0, 0, 2, 1, l.mark / 2, 'infinity',
    g.version, now()
from levelled l
join segment g on g.id = l.segment_id

-- name: entries
insert into entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo)
select b.organization_id, b.id, e.seq, e.kind, case e.seq when 1 then 2 * b.trip_low else b.amount - 2 * b.trip_low end,
    now(), now(), 'load-' || lpad(b.id::text, 9, '0') || '-' || e.seq, ''
from balance b, (values (1, 1), (2, 2)) e (seq, kind)
where b.seq = 2;
insert into epoch (organization_id, balance_id, seq, top_up, balance_after, topped_up_at)
select organization_id, id, 1, 2 * trip_low, 2 * trip_low, now() from balance where seq = 2

-- name: numbers
select b.number, v.code, e.top_up
from balance b
join service v on v.id = b.service_id
join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id
where b.id in (
    select (random() * (select max(id) from balance))::bigint from generate_series(1, %(sample)s)
)
