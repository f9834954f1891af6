-- oldest: 9
-- What was published of a retrospective, version by version: its text, and the incident as it was then.
-- Whoever begins the first one says in `migrations` that this schema is the oldest that fits from now on.
create table retro_versions (
	incident uuid not null references incidents,
	version integer not null,
	turn bigint not null,
	incident_turn bigint not null,
	published_at timestamptz not null,
	published_by uuid not null,
	title text not null,
	content json not null,
	text text not null,
	search tsvector not null generated always as (
		setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', text)
	) stored,
	primary key (incident, version)
);
create index retro_versions_by_search on retro_versions using gin (search);

-- What a new retrospective begins with, where an admin has changed that.
create table retro_template (
	id boolean primary key default true check (id),
	sections jsonb not null,
	changed_by uuid not null references people,
	changed_at timestamptz not null default now()
);
