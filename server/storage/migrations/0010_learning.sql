-- oldest: 9
-- Which services an incident concerns, as its record says.
create table projected_services (
	incident uuid not null references incidents,
	service text not null,
	primary key (incident, service)
);
create index projected_services_by_service on projected_services (service, incident);

-- What is known of a service beyond its name: which team looks after it.
create table services (
	name text primary key,
	team text,
	made_at timestamptz not null default now()
);

-- Where an incident's retrospective stands. A version is what was published once, 0 before the first.
create table projected_retros (
	incident uuid primary key references incidents,
	upto_turn bigint not null,
	upto_at timestamptz not null,
	state text not null check (state in ('draft', 'inReview', 'published')),
	begun_at timestamptz not null,
	owner uuid,
	due_at timestamptz,
	reviewers uuid[] not null,
	approved uuid[] not null,
	version integer not null,
	published_at timestamptz,
	projected_at timestamptz not null default now()
);
create index projected_retros_by_state on projected_retros (state, due_at);

-- Contributing factors and lessons, as the retrospective says now, in its order.
create table projected_findings (
	incident uuid not null references incidents,
	id text not null,
	kind text not null check (kind in ('factor', 'lesson')),
	text text not null,
	position integer not null,
	primary key (incident, id)
);

-- What a retrospective names as a cause of its incident.
create table projected_causes (
	incident uuid not null references incidents,
	cause text not null,
	primary key (incident, cause)
);
create index projected_causes_by_cause on projected_causes (cause, incident);

-- The causes that are offered to choose from. Others are free words.
create table causes (
	name text primary key,
	description text not null default '',
	made_at timestamptz not null default now(),
	retired_at timestamptz
);
