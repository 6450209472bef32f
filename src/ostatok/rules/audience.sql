-- Which rules speak to which segments, worked out once per change instead of once per posting. `{candidate}` is block
-- `candidate`.

-- name: candidate
-- Segments that rules which are on, or are looked at as if they were, would speak to. Conditions are all to be met; each asks for any (or, negated, none) of
-- its facets. A threshold speaks only to balances of its unit, which the segment's service tells.
select g.id as segment_id, r.id as rule_id
from segment g
join facet place on place.kind = 'organization' and place.id = any (g.facets)
join rule r on r.organization_id = place.key::bigint and (r.state in ('active', 'shadow') or r.id = any (%(as_if_on)s::bigint[]))
join facet of_service on of_service.kind = 'service' and of_service.id = any (g.facets)
join service v on v.id = of_service.key::bigint
where (r.unit = '' or %(bases)s::jsonb ->> r.unit = %(bases)s::jsonb ->> v.unit)
    and (%(rules)s::bigint[] is null and not g.matched or r.id = any (%(rules)s))
    and not exists (
        select from rule_condition c
        where c.rule_id = r.id and c.negated = (g.facets && c.facets)
    )

-- name: match
-- `rules` null: all rules for the segments not matched yet.
with candidate as (
    {candidate}
), gone as (
    delete from segment_rule sr
    where sr.rule_id = any (%(rules)s)
        and not exists (select from candidate n where n.segment_id = sr.segment_id and n.rule_id = sr.rule_id)
    returning segment_id, rule_id
), come as (
    insert into segment_rule (segment_id, rule_id)
    select segment_id, rule_id from candidate
    on conflict do nothing
    returning segment_id, rule_id
), marked as (
    update segment set matched = true where not matched and %(rules)s::bigint[] is null
)
select 'come' as what, segment_id, rule_id from come
union all
select 'gone', segment_id, rule_id from gone

-- name: bump
-- Balances of these segments meet the rules at their next posting, whatever their tripwire says.
update segment set version = version + 1
where id in (select segment_id from segment_rule where rule_id = any (%(rules)s)) or id = any (%(segments)s)

-- name: join
-- Whom these rules would speak to, for a look that changes nothing: all segments of the rules in `anew`, of the others
-- those that are not theirs yet.
insert into joining (rule_id, segment_id)
select c.rule_id, c.segment_id
from ({candidate}) c
where c.rule_id = any (%(anew)s) or not exists (
    select from segment_rule sr where sr.segment_id = c.segment_id and sr.rule_id = c.rule_id
)
