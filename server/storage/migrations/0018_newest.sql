-- oldest: 9
-- Lists of very many incidents begin with the newest, and tell how many were outages.
create index projected_measures_newest on projected_measures (kind, declared_at desc nulls last, incident)
	where counts;
drop index projected_measures_by_time;
create index projected_downtimes_by_severity on projected_downtimes (severity, incident) include (since, until);
