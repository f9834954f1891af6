-- oldest: 7
-- Where an incident comes from that another Muster has exported. Whoever imports the first one says in
-- `migrations` that this schema is the oldest that fits from now on: others take its people for ours.
create table provenance (
	incident uuid primary key references incidents,
	-- What the other Muster calls itself, and the incident's number there.
	source text not null,
	source_number bigint not null,
	imported_by uuid not null references people,
	imported_at timestamptz not null default now(),
	-- The history that came: its last turn, and the chain's head after that.
	turn bigint not null,
	head bytea not null,
	-- The last turn for which a head vouches that whoever imported it knew; null if none was.
	known_turn bigint
);

-- Whom an imported history names, as they are called there. The same id here is somebody else.
create table source_people (
	incident uuid not null references incidents,
	person uuid not null,
	name text not null,
	primary key (incident, person)
);

-- Who of them was in the room from when to when.
create table source_attendance (
	incident uuid not null references incidents,
	conn text not null,
	entered_at timestamptz not null,
	person uuid not null,
	left_at timestamptz not null,
	primary key (incident, conn, entered_at)
);

-- Who took an incident out of here, in which form, and what its history was then.
create table exports (
	id bigint primary key generated always as identity,
	incident uuid not null references incidents,
	by uuid not null references people,
	at timestamptz not null default now(),
	format text not null,
	turn bigint not null,
	head bytea not null
);
create index exports_by_incident on exports (incident, id);
