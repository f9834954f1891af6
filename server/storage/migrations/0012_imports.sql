-- oldest: 9
-- Incidents that another system has kept and that were imported from its file: by what the source calls
-- itself and its id there each is known again.
create table imported_incidents (
	source text not null,
	source_id text not null,
	incident uuid not null references incidents,
	-- A digest of what the source said of it.
	print text not null,
	imported_by uuid not null references people,
	imported_at timestamptz not null default now(),
	primary key (source, source_id)
);
create index imported_incidents_by_incident on imported_incidents (incident);

-- Up to which turn each document is projected, and by which version of the projection. What was made by an
-- older one, or is to be made anew (version -1), is derived again in the background; so is what a node
-- wrote that knows nothing of this table.
create table projections (
	document uuid primary key references documents,
	turn bigint not null,
	version integer not null
);
insert into projections (document, turn, version)
select d.id, p.upto_turn, 0 from projected_incidents p join documents d using (incident)
where d.kind = 'room';

-- What is asked for only to be made anew waits behind what people wrote.
alter table derivations add column again boolean not null default false;
