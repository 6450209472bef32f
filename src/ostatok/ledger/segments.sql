-- Sorting balances into segments: one for each set of facets that occurs (DESIGN §6, audience). `{scope}` is one of the
-- blocks that follow it, `{facets}` is block `facets`.

-- name: prepare
create temporary table if not exists sorted (
    balance_id bigint primary key, old_segment_id integer, segment_id integer, facets integer[]
)

-- name: of_accounts
b.account_id = any (%(ids)s)

-- name: of_clients
b.account_id in (select a.id from account a where a.client_id = any (%(ids)s))

-- name: of_organizations
b.organization_id = any (%(ids)s)

-- name: facets
-- Organization and those above it, service, status, billing, tags, groups.
select b.id, b.segment_id, f.kind, f.key
from balance b
join account a on a.id = b.account_id
join client c on c.id = a.client_id
join organization o on o.id = b.organization_id
cross join lateral (
    select 'organization' as kind, unnest(o.path)::text as key
    union all select 'service', b.service_id::text
    union all select 'status', c.status
    union all select 'billing', a.billing
    union all select 'tag', unnest(c.tags)
    union all select 'group', m.group_id::text from client_group_membership m where m.client_id = c.id
) f
where {scope}

-- name: look_empty
-- Tables that were looked at while they were empty, and filled since: the planner takes one row of each, and reads all of
-- them once more for each row of the others.
select exists (
    select from pg_class
    where oid in ('client'::regclass, 'account'::regclass, 'balance'::regclass) and reltuples = 0 and relpages > 0
)

-- name: analyze
analyze client, account, balance, client_group_membership, organization, facet, segment

-- name: add_facets
insert into facet (kind, key)
select distinct kind, key from ({facets}) f
order by kind, key
on conflict (kind, key) do nothing

-- name: sort
insert into sorted (balance_id, old_segment_id, facets)
select f.id, f.segment_id, array_agg(distinct n.id order by n.id)
from ({facets}) f
join facet n on n.kind = f.kind and n.key = f.key
group by f.id, f.segment_id

-- name: add_segments
insert into segment (facets, version, matched)
select distinct facets, 1, false from sorted
order by facets
on conflict (facets) do nothing

-- name: find_segments
update sorted s set segment_id = g.id from segment g where g.facets = s.facets

-- name: keep_moved
delete from sorted where segment_id is not distinct from old_segment_id

-- name: move
update balance b
set segment_id = s.segment_id, trip_version = 0
from sorted s
where b.id = s.balance_id
