-- Clients with one account each and balances of two services; ten entries a client, one notice and its delivery for
-- every tenth balance. What rules would have written is written here, so that a million clients take minutes.

-- name: names
create table bench_name (n integer primary key, name text);
insert into bench_name
select n, kind || ' «' || place || '-' || what || '»'
from (
    select row_number() over () as n, kind, place, what
    from unnest(array['ООО', 'ТСЖ', 'АО', 'ИП', 'МУП']) kind,
        unnest(array['Северная', 'Южная', 'Заречная', 'Академическая', 'Приморская', 'Родниковая', 'Невская']) place,
        unnest(array['Ромашка', 'Водоканал', 'Теплосеть', 'Энергия', 'Связь', 'Управдом', 'Расчётный центр']) what
) names

-- name: forget_keys
create table bench_key as
select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
from pg_constraint
where contype = 'f' and conrelid in ('client'::regclass, 'account'::regclass, 'balance'::regclass);
do $$ declare k record; begin for k in select * from bench_key loop
    execute format('alter table %I drop constraint %I', k.owner, k.name); end loop; end $$

-- name: remember_keys
do $$ declare k record; begin for k in select * from bench_key loop
    execute format('alter table %I add constraint %I %s', k.owner, k.name, k.definition); end loop; end $$;
drop table bench_key;
drop table bench_name

-- name: load
insert into client (
    organization_id, code, name, tax_id, email, phone, language, timezone, status, tags, bank_account, created_at
)
select %(organization)s, 'c' || lpad(i::text, 8, '0'), b.name || ' № ' || i, (7800000000 + i)::text,
    'c' || i || '@client.test', '+7 9' || lpad(i::text, 9, '0'), '', '', 'active', '{}', '', now()
from generate_series(1, %(clients)s) i
join bench_name b on b.n = 1 + mod(i, (select count(*) from bench_name));
insert into account (organization_id, number, client_id, address, billing, status, created_at)
select organization_id, 'A' || substr(code, 2), id, '', 'prepaid', 'open', now() from client
where code <> 'first';
insert into balance (
    organization_id, number, service_id, account_id, segment_id, amount, credit_limit, held, seq, epoch, trip_low,
    trip_high, trip_version, first_entry_at, last_charge_at
)
select %(organization)s, a.number, s.id, a.id, g.segment_id, 6000 - 4 * (100 + mod(a.id, 1390)), 0, 0, 5, 1, 0,
    'infinity', g.version, now() - interval '20 days', now() - interval '1 day'
from account a
join service s on s.organization_id = a.organization_id
join (
    select b.service_id, min(b.segment_id) as segment_id, min(g.version) as version
    from balance b join segment g on g.id = b.segment_id group by 1
) g on g.service_id = s.id
where a.number <> 'first';
insert into entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo)
select b.organization_id, b.id, e.seq, case e.seq when 1 then 1 else 2 end,
    case e.seq when 1 then 6000 else -(100 + mod(b.account_id, 1390)) end,
    now() - (6 - e.seq) * interval '1 day', now() - (6 - e.seq) * interval '1 day',
    'load-' || lpad(b.id::text, 9, '0') || '-' || e.seq, ''
from generate_series(1, 5) e (seq), balance b
where b.seq = 5;
insert into epoch (organization_id, balance_id, seq, top_up, balance_after, topped_up_at)
select organization_id, id, 1, 6000, 6000, now() - interval '5 days' from balance where seq = 5;
insert into notice (
    organization_id, rule_id, rule_version, kind, balance_id, account_id, client_id, epoch, occasion, step, band_id,
    amount, available, mark, percent, raised_at, state, reason, settled_at
)
select b.organization_id, %(rule)s, 1, 'balance_band', b.id, b.account_id, a.client_id, 1, 5, 0,
    (select min(id) from rule_band where rule_id = %(rule)s), b.amount, b.amount, 6000, b.amount / 60,
    now() - interval '1 day', 'sent', '', now() - interval '1 day'
from balance b join account a on a.id = b.account_id
where b.seq = 5 and mod(b.id, 10) = 0;
insert into delivery (
    organization_id, notice_id, channel, recipient, address, lane, state, reason, detail, due_at, attempts, created_at,
    settled_at, provider_id
)
select n.organization_id, n.id, 'email', 'client', c.email, 1,
    case when mod(n.id, 4) = 0 then 'dead' when mod(n.id, 7) = 0 then 'dropped' else 'sent' end,
    case when mod(n.id, 4) = 0 then 'rejected' when mod(n.id, 7) = 0 then 'recovered' else '' end, '',
    n.raised_at, 1, n.raised_at, n.raised_at + interval '14 seconds', ''
from notice n join client c on c.id = n.client_id;
insert into delivery_message (delivery_id, subject, text, html, headers)
select id, 'Осталось 15 минут', 'Осталось 15 минут', '<p>Осталось 15 минут</p>', '{}' from delivery where state = 'sent'
