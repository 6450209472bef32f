-- When data last came for each organization. What was posted lately lies together at the end of the table.

-- name: refresh
-- Transactions that were under way at the last refresh may have posted earlier than it. The first time all is looked at.
insert into feed (organization_id, posted_at)
select organization_id, max(posted_at)
from entry
where posted_at > case
    when exists (select from feed) then (select coalesce(max(at) - interval '15 minutes', '-infinity') from outlook_pass)
    else '-infinity' end
group by organization_id
on conflict (organization_id) do update set posted_at = greatest(feed.posted_at, excluded.posted_at)
