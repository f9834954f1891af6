-- oldest: 6
-- Since when an incident is closed, null while it is not: people's edits are not appended then.
alter table documents add column sealed_at timestamptz;
-- For those that are closed by now it begins with the upgrade, so that nodes of before may still serve them.
update documents d set sealed_at = now() from projected_incidents p
where d.kind = 'room' and p.incident = d.incident and p.status = 'closed';

-- Turns of incidents that were closed a while ago, many in one row: they stand here instead of in the journal,
-- always before those of the same document that are still there. Whoever makes the first one says in
-- `migrations` that this schema is the oldest that fits from now on.
create table segments (
	document uuid not null references documents,
	from_turn bigint not null,
	to_turn bigint not null,
	-- The instant of its first turn, and the chain's head before it.
	from_at timestamptz not null,
	head_before bytea not null,
	-- In the order of its turns: a retry is the same turn.
	nonces uuid[] not null,
	-- With their proofs, in the codec of core/incident/history.ts, gzipped.
	bytes bytea not null,
	sha256 bytea not null,
	primary key (document, from_turn),
	check (from_turn <= to_turn)
);
alter table segments alter column bytes set storage external;

-- Which heads of snapshots the world outside was told, and how: the rest is still to be told.
create table published_heads (
	document uuid not null,
	turn bigint not null,
	way text not null check (way in ('file', 'webhook')),
	at timestamptz not null default now(),
	primary key (document, turn, way),
	foreign key (document, turn) references snapshots on delete cascade
);
