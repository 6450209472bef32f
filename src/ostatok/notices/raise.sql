-- name: prepare
create temporary table if not exists raised (
    notice_id bigint not null, rule_id bigint not null, client_id bigint not null, shadow boolean not null
)

-- name: raise
-- Occasions that passed their quota become notices, unique by rule, balance, occasion, step and band.
with told as (
    insert into notice (
        organization_id, rule_id, rule_version, kind, balance_id, account_id, client_id, epoch, occasion, step, band_id,
        amount, available, mark, percent, threshold, days, lasts_until, raised_at, state, reason
    )
    select b.organization_id, f.rule_id, r.version, r.kind, f.balance_id, b.account_id, a.client_id, f.epoch, f.occasion,
        f.step, f.band_id, f.amount, f.available, f.mark,
        case when f.mark > 0 then round((f.amount - b.held) * 100 / f.mark, 4) end,
        r.threshold, r.days,
        case when f.lasts > 0 and f.lasts <= 86400 * 366 then %(now)s + make_interval(secs => f.lasts::double precision) end,
        %(now)s, case r.state when 'shadow' then 'shadow' else 'waiting' end, ''
    from fire f
    join rule r on r.id = f.rule_id
    join balance b on b.id = f.balance_id
    join account a on a.id = b.account_id
    where f.reason = 'raised'
    order by f.balance_id, f.rule_id, f.seq
    on conflict (balance_id, rule_id, occasion, step, band_id) do nothing
    returning id, rule_id, client_id, state = 'shadow' as shadow
)
insert into raised (notice_id, rule_id, client_id, shadow) select id, rule_id, client_id, shadow from told
