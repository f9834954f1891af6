-- oldest: 9
-- Terms of incidents, summed up: what figures over very many incidents are read from. A term is a month or a year of
-- UTC, written as 2026-11 or 2026. It stands here once it is summed up; what changes in it afterwards stands in
-- `changed_months`, and until it is summed up anew its incidents are read one by one.
create table summed_terms (
	term text collate "C" primary key,
	version integer not null,
	-- By whose clocks its hours are summed up.
	tz text not null
);
create table changed_months (
	month date not null,
	at timestamptz not null default now()
);
create index changed_months_by_month on changed_months (month);

-- Of the incidents that were declared in a term, by a key of a dimension: a measure's values in order, and how
-- many of them lie below the end of each bucket that has any.
create table summed_measures (
	term text collate "C" not null,
	dimension text collate "C" not null,
	key text collate "C" not null,
	measure text collate "C" not null,
	n integer not null,
	total numeric not null,
	pending integer not null,
	not_applicable integer not null,
	invalid integer not null,
	zero integer not null,
	buckets smallint[] not null,
	ends integer[] not null,
	lengths bigint[] not null,
	primary key (dimension, measure, term, key)
);
-- Slices are read of them: they need not be unpacked.
alter table summed_measures alter lengths set storage external;

create table summed_counts (
	term text collate "C" not null,
	dimension text collate "C" not null,
	key text collate "C" not null,
	severity text collate "C" not null,
	incidents integer not null,
	over integer not null,
	unknown_downtime integer not null,
	gap_ms bigint not null,
	silent_ms bigint not null,
	-- Retrospectives of those that are over; of what is not published yet, when it is due, in order.
	begun integer not null,
	published integer not null,
	due timestamptz[] not null,
	primary key (dimension, term, key, severity)
);

-- Outages that are over, within the term: their union.
create table summed_downtimes (
	term text collate "C" not null,
	dimension text collate "C" not null,
	key text collate "C" not null,
	severity text collate "C" not null,
	outages tstzmultirange not null,
	primary key (dimension, term, key, severity)
);

-- Whoever writes notes what it changes in the same transaction: also a release that knows of no sums.
create function note_changed_months(first timestamptz, last timestamptz) returns void language sql as $$
	insert into changed_months (month)
	select * from generate_series(
		date_trunc('month', greatest(first, '1970-01-01Z') at time zone 'UTC'),
		least(last, now() + interval '1 month') at time zone 'UTC', interval '1 month');
$$;

create function note_changed_measures() returns trigger language plpgsql as $$
begin
	if old.declared_at is not null then
		perform note_changed_months(old.declared_at, old.declared_at);
	end if;
	if new.declared_at is not null and new.declared_at is distinct from old.declared_at then
		perform note_changed_months(new.declared_at, new.declared_at);
	end if;
	return null;
end $$;
create trigger note_changed after insert or update or delete on projected_measures
	for each row execute function note_changed_measures();

create function note_changed_downtimes() returns trigger language plpgsql as $$
begin
	if old.until is not null then
		perform note_changed_months(old.since, old.until);
	end if;
	if new.until is not null then
		perform note_changed_months(new.since, new.until);
	end if;
	return null;
end $$;
create trigger note_changed after insert or update or delete on projected_downtimes
	for each row execute function note_changed_downtimes();

create function note_changed_keys() returns trigger language plpgsql as $$
begin
	perform note_changed_months(declared_at, declared_at) from projected_measures
	where incident = coalesce(new.incident, old.incident) and declared_at is not null;
	perform note_changed_months(since, until) from projected_downtimes
	where incident = coalesce(new.incident, old.incident) and until is not null;
	return null;
end $$;
create trigger note_changed after insert or update or delete on projected_services
	for each row execute function note_changed_keys();
create trigger note_changed after insert or update or delete on projected_causes
	for each row execute function note_changed_keys();

create function note_changed_retros() returns trigger language plpgsql as $$
begin
	if (old.version, old.due_at) is distinct from (new.version, new.due_at) then
		perform note_changed_months(declared_at, declared_at) from projected_measures
		where incident = coalesce(new.incident, old.incident) and declared_at is not null;
	end if;
	return null;
end $$;
create trigger note_changed after insert or update or delete on projected_retros
	for each row execute function note_changed_retros();

-- Incidents of this service are another team's now.
create function note_changed_teams() returns trigger language plpgsql as $$
begin
	if old.team is distinct from new.team then
		insert into changed_months (month)
		select distinct date_trunc('month', m.declared_at at time zone 'UTC')
		from projected_services s join projected_measures m using (incident)
		where s.service = coalesce(new.name, old.name) and m.declared_at >= '1970-01-01Z'
		union
		select g.month
		from projected_services s join projected_downtimes d using (incident), lateral generate_series(
			date_trunc('month', greatest(d.since, '1970-01-01Z') at time zone 'UTC'),
			least(d.until, now() + interval '1 month') at time zone 'UTC', interval '1 month') g (month)
		where s.service = coalesce(new.name, old.name) and d.until is not null;
	end if;
	return null;
end $$;
create trigger note_changed after insert or update or delete on services
	for each row execute function note_changed_teams();

create index projected_measures_corrected on projected_measures (kind, corrected_at)
	where counts and corrected_at is not null;
create index projected_measures_waiting on projected_measures (kind, declared_at)
	where counts and (gap_since is not null or silent_since is not null);
create index projected_downtimes_open on projected_downtimes (since) where until is null;
