-- oldest: 9
-- What figures are made of, a row an incident, derived with the incident's other rows. A measure's column
-- holds its ms; below zero it says why there is none: -1 pending, -2 not applicable, -3 invalid, -4 of no
-- length that is known.
create table projected_measures (
	incident uuid primary key references incidents,
	kind text not null,
	-- Neither declined, cancelled nor merged.
	counts boolean not null,
	-- Resolved or closed.
	is_over boolean not null,
	-- The highest; '' for none.
	severity text not null,
	-- The milestone; null if nobody has said when it was declared.
	declared_at timestamptz,
	ttd bigint not null,
	tta bigint not null,
	tta_alert bigint not null,
	ttm bigint not null,
	ttm_declared bigint not null,
	ttr_resolve bigint not null,
	ttr_repair bigint not null,
	ttr_recover bigint not null,
	ttr_respond bigint not null,
	first_alert_at timestamptz,
	-- Whether its downtime has a beginning, and an end or none yet.
	is_downtime_known boolean not null,
	-- Time without a commander, and past the time when an update was due: what is over of it, and since
	-- when it goes on.
	gap_ms bigint not null,
	gap_since timestamptz,
	silent_ms bigint not null,
	silent_since timestamptz,
	-- When a time that was known was last corrected or cleared.
	corrected_at timestamptz
);
create index projected_measures_by_time on projected_measures (kind, declared_at) where counts;
-- The values in order, for percentiles over all that there is.
create index projected_measures_by_ttd on projected_measures (kind, ttd)
	include (declared_at, severity) where counts;
create index projected_measures_by_tta on projected_measures (kind, tta)
	include (declared_at, severity) where counts;
create index projected_measures_by_tta_alert on projected_measures (kind, tta_alert)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttm on projected_measures (kind, ttm)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttm_declared on projected_measures (kind, ttm_declared)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttr_resolve on projected_measures (kind, ttr_resolve)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttr_repair on projected_measures (kind, ttr_repair)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttr_recover on projected_measures (kind, ttr_recover)
	include (declared_at, severity) where counts;
create index projected_measures_by_ttr_respond on projected_measures (kind, ttr_respond)
	include (declared_at, severity) where counts;

-- When an incident that counts was an outage; open while until is null. Several of one incident may overlap.
create table projected_downtimes (
	incident uuid not null references incidents,
	since timestamptz not null,
	until timestamptz,
	severity text not null,
	primary key (incident, since)
);
create index projected_downtimes_by_time on projected_downtimes using gist (tstzrange(since, until));

-- What an installation has chosen, a row a subject.
create table settings (
	name text primary key,
	value jsonb not null,
	changed_by uuid references people,
	changed_at timestamptz not null default now()
);

-- Who was in the rooms of many incidents, without their rows.
create index attendance_by_incident on attendance (incident) include (person, entered_at, left_at);
