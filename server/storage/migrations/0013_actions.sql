-- oldest: 9
-- What is to be done after an incident, so that the next one is found sooner, is smaller, or does not come.
-- They live on after the retrospective was published; what is dropped stays for the record.
create table actions (
	id uuid primary key,
	incident uuid not null references incidents,
	title text not null,
	kind text not null check (kind in ('detect', 'mitigate', 'prevent', 'process')),
	owner uuid references people,
	due_on date,
	state text not null default 'open' check (state in ('open', 'done', 'dropped')),
	link text,
	-- The task of the room that it carries on.
	taken_from text,
	-- Grows with every change: two editors notice each other.
	version integer not null default 1,
	made_by uuid not null references people,
	made_at timestamptz not null default now(),
	changed_by uuid not null references people,
	changed_at timestamptz not null default now(),
	-- Who did it or dropped it, and when.
	ended_by uuid references people,
	ended_at timestamptz,
	-- The making request's idempotency key and a digest of its body.
	key text,
	print text,
	unique (made_by, key)
);
create index actions_by_incident on actions (incident);
create index actions_open on actions (due_on) where state = 'open';

-- Whether what people answered about an incident has been shown: then nothing is added any more.
create table feedback (
	incident uuid primary key references incidents,
	is_shown boolean not null default false
);

-- Who has answered. What they answered is in the two tables below, and nothing leads from here to there:
-- all rows of an incident are written anew with each answer, in an order that tells nothing.
create table feedback_given (
	incident uuid not null references incidents,
	person uuid not null references people,
	primary key (incident, person)
);

-- How often each score was given to each question. No single answer is kept.
create table feedback_scores (
	incident uuid not null references incidents,
	question text not null,
	score smallint not null check (score between 0 and 4),
	count integer not null,
	primary key (incident, question, score)
);

create table feedback_lines (
	incident uuid not null references incidents,
	id uuid primary key,
	line text not null,
	-- Null for those who want to be anonymous.
	author uuid references people
);
create index feedback_lines_by_incident on feedback_lines (incident);

-- What several incidents have in common, and where the work on it stands.
create table problems (
	number integer primary key generated always as identity,
	title text not null,
	cause text,
	description text not null default '',
	state text not null default 'investigating' check (state in ('investigating', 'knownError', 'resolved')),
	owner uuid references people,
	version integer not null default 1,
	made_by uuid not null references people,
	made_at timestamptz not null default now(),
	changed_by uuid not null references people,
	changed_at timestamptz not null default now(),
	key text,
	print text,
	unique (made_by, key)
);

create table problem_incidents (
	problem integer not null references problems,
	incident uuid not null references incidents,
	added_by uuid not null references people,
	added_at timestamptz not null default now(),
	primary key (problem, incident)
);
create index problem_incidents_by_incident on problem_incidents (incident);

-- Lessons are looked for by their words, whatever their language.
create index projected_findings_words on projected_findings using gin (to_tsvector('simple', text));
