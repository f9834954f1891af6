-- oldest: 8
-- How often something was removed for good from a document's history: what was derived by somebody who did
-- not know of the last time is not kept. Whoever removes the first thing says in `migrations` that this
-- schema is the oldest that fits from now on: others would keep what they have in memory.
alter table documents add column removals integer not null default 0;

-- Incidents that are kept, however old they are: who said so and why.
create table holds (
	incident uuid primary key references incidents,
	by uuid not null references people,
	reason text not null,
	at timestamptz not null default now()
);
