-- A document that could not be opened whole: it is shown as it was after a turn, and takes no edits,
-- until somebody restores it or it can be opened after all.
create table quarantines (
	document uuid primary key references documents,
	-- The last turn that can be opened, 0 for none.
	turn bigint not null,
	-- What is known of why, for operators.
	why text not null,
	found_at timestamptz not null default now(),
	tried_at timestamptz not null default now()
);

-- Turns that could not be opened and that somebody decided to leave out. They stay in the journal;
-- whoever reads it passes them over as if they held nothing.
create table passed_turns (
	document uuid not null references documents,
	from_turn bigint not null,
	to_turn bigint not null,
	by uuid not null references people,
	why text not null,
	at timestamptz not null default now(),
	primary key (document, from_turn),
	check (from_turn <= to_turn)
);

-- The state before a big deletion, which stays when older checkpoints are let go.
alter table checkpoints add column lasting boolean not null default false;
