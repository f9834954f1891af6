-- The same figures as github.py, by plain SQL over the raw rows: `raw` has the file's lines as jsonb.
-- Nothing of Muster's tables or functions is used. Lengths are in seconds.
with incidents as (
	select case line ->> 'impact'
			when 'critical' then 'SEV1' when 'major' then 'SEV2' when 'minor' then 'SEV3' else 'SEV5'
		end as severity,
		(line ->> 'started_at')::timestamptz as started,
		extract(epoch from (line ->> 'resolved_at')::timestamptz - (line ->> 'started_at')::timestamptz)::int
			as seconds,
		coalesce(line #>> '{impact_window,start_at}', line ->> 'started_at')::timestamptz as down,
		coalesce(line #>> '{impact_window,end_at}', line ->> 'resolved_at')::timestamptz as up
	from raw where line ->> 'impact' <> 'maintenance'
), grouped as (
	select 'all' as by, '' as key, seconds from incidents
	union all select 'bySeverity', severity, seconds from incidents
	union all select 'byMonth', zone || ' ' || to_char(started at time zone zone, 'YYYY-MM'), seconds
	from incidents, unnest(array['UTC', 'America/Los_Angeles', 'Asia/Tokyo']) zone
), minutes as (
	-- All times of the file are whole minutes, so a minute of downtime is one row here.
	select distinct minute from incidents, generate_series(down, up - interval '1 minute', '1 minute') minute
	where severity in ('SEV1', 'SEV2')
)
select json_build_object('by', by, 'key', key, 'incidents', count(*),
	'n', count(*) filter (where seconds > 0), 'sum', coalesce(sum(seconds) filter (where seconds > 0), 0),
	'median', percentile_disc(0.5) within group (order by seconds) filter (where seconds > 0),
	'p90', percentile_disc(0.9) within group (order by seconds) filter (where seconds > 0),
	'p95', percentile_disc(0.95) within group (order by seconds) filter (where seconds > 0),
	'zero', count(*) filter (where seconds = 0)) as figure
from grouped group by by, key
union all
select json_build_object('by', 'byYear', 'key', to_char(minute at time zone 'UTC', 'YYYY'), 'downtime', count(*) * 60)
from minutes group by to_char(minute at time zone 'UTC', 'YYYY')
