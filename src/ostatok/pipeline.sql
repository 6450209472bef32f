-- The temporary tables of a session, in which the packages pass sets on. Their rows stay after a commit: tables that empty
-- themselves would make PostgreSQL plan each statement anew each time, which is most of what one entry costs
-- (docs/decisions/0034). So whoever begins work empties them.

-- name: are_large
-- After a large batch, above 16 kB a table, they are made small again, or small batches would be planned for as large.
select sum(pg_relation_size(name)) > 16384 * count(*)
from unnest(array[
    'stage', 'plan', 'touched', 'look', 'tripwire', 'stated', 'comparison', 'sorted', 'fire', 'machine', 'level',
    'joining', 'joining_balance', 'standing', 'raised'
]::regclass[]) name

-- name: shrink
truncate
    stage, plan, touched, look, tripwire, stated, comparison, sorted, fire, machine, level, joining,
    joining_balance, standing, raised

-- name: clear
-- One statement, so that it is planned once too.
with
    stage_ as (delete from stage), plan_ as (delete from plan), touched_ as (delete from touched),
    look_ as (delete from look), tripwire_ as (delete from tripwire), stated_ as (delete from stated),
    comparison_ as (delete from comparison), sorted_ as (delete from sorted), fire_ as (delete from fire),
    machine_ as (delete from machine), level_ as (delete from level), joining_ as (delete from joining),
    joining_balance_ as (delete from joining_balance), standing_ as (delete from standing),
    raised_ as (delete from raised)
select
