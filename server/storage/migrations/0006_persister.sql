-- oldest: 5
-- Which documents somebody has asked to be derived, and which persister is at it until when. What is lost
-- of this is found again by comparing turns, so it is not worth a place in the write-ahead log.
create unlogged table derivations (
	-- No reference: it would wait for the lock of a room that decides.
	document uuid primary key,
	-- Since when it has been waiting, null if nobody asks.
	asked_at timestamptz,
	-- How often it was asked for: whoever derived it knows whether somebody asked again meanwhile.
	asks bigint not null default 0,
	holder uuid,
	held_until timestamptz
);

-- How many of the document's passed turns (rows of passed_turns, in their order) its maker knew of.
alter table checkpoints add column passed integer not null default 0;

-- When it was last projected: what other processes do is seen by it.
alter table projected_incidents add column projected_at timestamptz not null default now();
create index projected_incidents_by_projected_at on projected_incidents (projected_at);
