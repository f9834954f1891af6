-- What lists and metrics are read from: derived from the journal up to a turn, and rewritten by
-- nobody who knows less. The other projected tables belong to the incident's row and its turn.
create table projected_incidents (
	incident uuid primary key references incidents,
	upto_turn bigint not null,
	upto_at timestamptz not null,
	number integer not null,
	title text not null,
	kind text not null,
	origin text not null,
	severity text,
	highest_severity text,
	status text not null,
	declared_at timestamptz not null,
	declared_by uuid,
	commander uuid,
	-- Roles of the room's header that nobody holds.
	empty_roles text[] not null,
	-- The beginning of what customers notice.
	impact text not null,
	-- Milestone → its instant.
	milestones jsonb not null
);

create index projected_incidents_by_number on projected_incidents (number desc);

create table projected_entries (
	incident uuid not null references incidents,
	id text not null,
	kind text not null,
	text text not null,
	occurred_at timestamptz not null,
	ended_at timestamptz,
	approximate boolean not null,
	actors text,
	starred boolean not null,
	struck boolean not null,
	logged_by uuid,
	recorded_at timestamptz,
	primary key (incident, id)
);

create table projected_tasks (
	incident uuid not null references incidents,
	id text not null,
	title text not null,
	assignee uuid,
	done boolean not null,
	due timestamptz,
	position integer not null,
	primary key (incident, id)
);

-- Who held a role from when to when; the fact that began it names the row.
create table projected_roles (
	incident uuid not null references incidents,
	fact text not null,
	role text not null,
	person uuid not null,
	acting boolean not null,
	since timestamptz not null,
	until timestamptz,
	primary key (incident, fact)
);

create table projected_statuses (
	incident uuid not null references incidents,
	fact text not null,
	status text not null,
	since timestamptz not null,
	until timestamptz,
	primary key (incident, fact)
);

create table projected_severities (
	incident uuid not null references incidents,
	fact text not null,
	severity text,
	since timestamptz not null,
	until timestamptz,
	primary key (incident, fact)
);

create table projected_milestones (
	incident uuid not null references incidents,
	milestone text not null,
	at timestamptz not null,
	by uuid,
	recorded_at timestamptz not null,
	-- Its first value, if it was corrected since.
	original timestamptz,
	primary key (incident, milestone)
);

-- Who was in a room from when to when, once a connection. Open while left_at is null: somebody who
-- vanished with a node was there until it was last heard of.
create table attendance (
	incident uuid not null references incidents,
	conn text not null,
	entered_at timestamptz not null,
	person uuid not null references people,
	seen_at timestamptz not null,
	left_at timestamptz,
	primary key (incident, conn, entered_at)
);

create index attendance_open on attendance (incident) where left_at is null;

-- The final state of a closed incident, once for each time that it was closed.
create table snapshots (
	document uuid not null references documents,
	turn bigint not null,
	state bytea not null, -- Yjs V2
	reading json not null, -- kept to the letter: sha256 is over state ‖ reading
	sha256 bytea not null,
	head bytea not null,
	created_at timestamptz not null default now(),
	primary key (document, turn)
);
