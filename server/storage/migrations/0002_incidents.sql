create table incidents (
	id uuid primary key,
	number integer generated always as identity unique,
	declared_by uuid not null references people,
	-- The declaring request's idempotency key and a digest of its body.
	key text,
	print text,
	created_at timestamptz not null default now(),
	unique (declared_by, key)
);

-- A live document: an incident's room (it has the incident's id) or, later, its retrospective.
create table documents (
	id uuid primary key,
	incident uuid not null references incidents,
	kind text not null check (kind in ('room', 'retro')),
	turn bigint not null default 0,
	at timestamptz not null default '1970-01-01Z',
	head bytea not null,
	unique (incident, kind)
);

-- What happened, in commit order. Append-only: edits are in the codec of core/incident/turn.ts.
create table journal (
	document uuid not null references documents,
	turn bigint not null,
	at timestamptz not null,
	edits bytea not null,
	nonce uuid not null,
	salt bytea,
	digest bytea not null,
	head bytea not null,
	primary key (document, turn),
	unique (document, nonce)
);

-- A client id belongs to the person at whom it was first seen.
create table clients (
	document uuid not null references documents,
	client bigint not null,
	person uuid not null references people,
	primary key (document, client)
);

-- The document's state after exactly this turn, derived from the journal.
create table checkpoints (
	document uuid not null references documents,
	turn bigint not null,
	edits bigint not null,
	state bytea not null, -- Yjs V2
	sha256 bytea not null,
	created_at timestamptz not null default now(),
	primary key (document, turn)
);
