-- Clients with 15 of 100 minutes left, and a mail about it waiting for each.

-- name: load
insert into organization (code, name, tax_id, email, phone, timezone, language, top_up_url, may_send_pin, created_at)
values ('bench', 'ООО «Энергосбыт»', '7701234567', 'ops@energo.test', '', 'Europe/Moscow', 'ru', 'https://pay.test/',
    false, now());
insert into service (organization_id, code, name, full_name, unit, rearm_from, top_up_url)
select id, 'ad', 'АД', 'Автоматический обзвон должников', 'min', 0, '' from organization;
insert into client (
    organization_id, code, name, tax_id, email, phone, language, timezone, status, tags, bank_account, created_at
)
select o.id, n, 'ООО «Клиент ' || n || '»', '78' || n, 'c' || n || '@client.test', '', 'ru', '', 'active', '{}', '',
    now()
from organization o, generate_series(1, %(mails)s) n;
insert into account (organization_id, number, client_id, address, billing, status, created_at)
select organization_id, code, id, '', 'prepaid', 'open', now() from client;
insert into balance (
    organization_id, number, service_id, account_id, amount, credit_limit, held, seq, epoch, trip_low, trip_high,
    trip_version
)
select a.organization_id, a.number, s.id, a.id, 900, 0, 0, 2, 1, 0, 0, 0 from account a, service s;
insert into entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo)
select organization_id, id, e.seq, e.kind, e.amount, now(), now(), id || '-' || e.seq, ''
from balance, (values (1, 1, 6000), (2, 2, -5100)) e (seq, kind, amount);
insert into epoch (organization_id, balance_id, seq, top_up, balance_after, topped_up_at)
select organization_id, id, 1, 6000, 6000, now() from balance;
insert into rule (
    organization_id, name, state, kind, version, unit, hysteresis, mark, first, audience, sort_order, created_at
)
select id, 'Остаток минут', 'active', 'balance_band', 1, '', 0, 'last_top_up', 'now', '{}', 0, now() from organization;
insert into rule_band (rule_id, upper, lower, active)
select r.id, b.upper, b.lower, true from rule r, (values (20, 10), (10, 5), (5, null)) b (upper, lower);
insert into notice (
    organization_id, rule_id, rule_version, kind, balance_id, account_id, client_id, epoch, occasion, step, band_id,
    amount, available, mark, percent, raised_at, state, reason
)
select b.organization_id, r.id, 1, r.kind, b.id, a.id, a.client_id, 1, 2, 1, w.id, 900, 900, 6000, 15, now(), 'waiting',
    ''
from balance b
join account a on a.id = b.account_id
join rule r on r.organization_id = b.organization_id
join rule_band w on w.rule_id = r.id and w.upper = 20;
insert into delivery (
    organization_id, notice_id, channel, recipient, address, lane, state, reason, detail, due_at, attempts, created_at,
    provider_id
)
select n.organization_id, n.id, 'email', 'client', c.email, 1, 'waiting', '', '', now(), 0, now(), ''
from notice n
join client c on c.id = n.client_id;
vacuum analyze

-- name: once_more
truncate attempt, delivery_message;
update delivery set state = 'waiting', attempts = 0, settled_at = null, due_at = now();
update notice set state = 'waiting', settled_at = null, raised_at = now();
vacuum analyze delivery, notice
