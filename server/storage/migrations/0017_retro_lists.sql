-- oldest: 9
-- What lists and the search of retrospectives begin with, of very many.
create index retro_versions_by_time on retro_versions (published_at desc);
create index projected_retros_published on projected_retros (published_at desc) where state = 'published';
create index projected_incidents_over on projected_incidents (declared_at)
	where kind = 'incident' and origin <> 'imported' and status in ('resolved', 'closed');
