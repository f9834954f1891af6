create table actions (
	id uuid not null,
	incident uuid not null,
	title text not null,
	kind text not null,
	owner uuid,
	due_on date,
	state text not null default 'open'::text,
	link text,
	taken_from text,
	version integer not null default 1,
	made_by uuid not null,
	made_at timestamp with time zone not null default now(),
	changed_by uuid not null,
	changed_at timestamp with time zone not null default now(),
	ended_by uuid,
	ended_at timestamp with time zone,
	key text,
	print text,
	constraint actions_pkey PRIMARY KEY (id),
	constraint actions_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES people(id),
	constraint actions_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES people(id),
	constraint actions_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint actions_kind_check CHECK ((kind = ANY (ARRAY['detect'::text, 'mitigate'::text, 'prevent'::text, 'process'::text]))),
	constraint actions_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
	constraint actions_made_by_key_key UNIQUE (made_by, key),
	constraint actions_owner_fkey FOREIGN KEY (owner) REFERENCES people(id),
	constraint actions_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'dropped'::text])))
);
CREATE INDEX actions_by_incident ON public.actions USING btree (incident);
CREATE INDEX actions_open ON public.actions USING btree (due_on) WHERE (state = 'open'::text);

create table attendance (
	incident uuid not null,
	conn text not null,
	entered_at timestamp with time zone not null,
	person uuid not null,
	seen_at timestamp with time zone not null,
	left_at timestamp with time zone,
	constraint attendance_pkey PRIMARY KEY (incident, conn, entered_at),
	constraint attendance_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint attendance_person_fkey FOREIGN KEY (person) REFERENCES people(id)
);
CREATE INDEX attendance_by_incident ON public.attendance USING btree (incident) INCLUDE (person, entered_at, left_at);
CREATE INDEX attendance_open ON public.attendance USING btree (incident) WHERE (left_at IS NULL);

create table causes (
	name text not null,
	description text not null default ''::text,
	made_at timestamp with time zone not null default now(),
	retired_at timestamp with time zone,
	constraint causes_pkey PRIMARY KEY (name)
);

create table changed_months (
	month date not null,
	at timestamp with time zone not null default now()
);
CREATE INDEX changed_months_by_month ON public.changed_months USING btree (month);

create table checkpoints (
	document uuid not null,
	turn bigint not null,
	edits bigint not null,
	state bytea not null,
	sha256 bytea not null,
	created_at timestamp with time zone not null default now(),
	lasting boolean not null default false,
	passed integer not null default 0,
	constraint checkpoints_pkey PRIMARY KEY (document, turn),
	constraint checkpoints_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table clients (
	document uuid not null,
	client bigint not null,
	person uuid not null,
	constraint clients_pkey PRIMARY KEY (document, client),
	constraint clients_document_fkey FOREIGN KEY (document) REFERENCES documents(id),
	constraint clients_person_fkey FOREIGN KEY (person) REFERENCES people(id)
);

create table credentials (
	id uuid not null default gen_random_uuid(),
	person uuid not null,
	provider text not null,
	account text not null,
	password text,
	access_token text,
	refresh_token text,
	id_token text,
	access_token_expires_at timestamp with time zone,
	refresh_token_expires_at timestamp with time zone,
	scope text,
	created_at timestamp with time zone not null default now(),
	updated_at timestamp with time zone not null default now(),
	constraint credentials_pkey PRIMARY KEY (id),
	constraint credentials_person_fkey FOREIGN KEY (person) REFERENCES people(id),
	constraint credentials_provider_account_key UNIQUE (provider, account)
);
CREATE INDEX credentials_person_idx ON public.credentials USING btree (person);

create table derivations (
	document uuid not null,
	asked_at timestamp with time zone,
	asks bigint not null default 0,
	holder uuid,
	held_until timestamp with time zone,
	again boolean not null default false,
	constraint derivations_pkey PRIMARY KEY (document)
);

create table documents (
	id uuid not null,
	incident uuid not null,
	kind text not null,
	turn bigint not null default 0,
	at timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
	head bytea not null,
	sealed_at timestamp with time zone,
	removals integer not null default 0,
	constraint documents_pkey PRIMARY KEY (id),
	constraint documents_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint documents_incident_kind_key UNIQUE (incident, kind),
	constraint documents_kind_check CHECK ((kind = ANY (ARRAY['room'::text, 'retro'::text])))
);

create table exports (
	id bigint not null generated always as identity,
	incident uuid not null,
	by uuid not null,
	at timestamp with time zone not null default now(),
	format text not null,
	turn bigint not null,
	head bytea not null,
	constraint exports_pkey PRIMARY KEY (id),
	constraint exports_by_fkey FOREIGN KEY (by) REFERENCES people(id),
	constraint exports_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX exports_by_incident ON public.exports USING btree (incident, id);

create table feedback (
	incident uuid not null,
	is_shown boolean not null default false,
	constraint feedback_pkey PRIMARY KEY (incident),
	constraint feedback_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table feedback_given (
	incident uuid not null,
	person uuid not null,
	key_print text,
	constraint feedback_given_pkey PRIMARY KEY (incident, person),
	constraint feedback_given_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint feedback_given_person_fkey FOREIGN KEY (person) REFERENCES people(id)
);

create table feedback_lines (
	incident uuid not null,
	id uuid not null,
	line text not null,
	author uuid,
	constraint feedback_lines_pkey PRIMARY KEY (id),
	constraint feedback_lines_author_fkey FOREIGN KEY (author) REFERENCES people(id),
	constraint feedback_lines_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX feedback_lines_by_incident ON public.feedback_lines USING btree (incident);

create table feedback_scores (
	incident uuid not null,
	question text not null,
	score smallint not null,
	count integer not null,
	constraint feedback_scores_pkey PRIMARY KEY (incident, question, score),
	constraint feedback_scores_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint feedback_scores_score_check CHECK (((score >= 0) AND (score <= 4)))
);

create table holds (
	incident uuid not null,
	by uuid not null,
	reason text not null,
	at timestamp with time zone not null default now(),
	constraint holds_pkey PRIMARY KEY (incident),
	constraint holds_by_fkey FOREIGN KEY (by) REFERENCES people(id),
	constraint holds_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table imported_incidents (
	source text not null,
	source_id text not null,
	incident uuid not null,
	print text not null,
	imported_by uuid not null,
	imported_at timestamp with time zone not null default now(),
	constraint imported_incidents_pkey PRIMARY KEY (source, source_id),
	constraint imported_incidents_imported_by_fkey FOREIGN KEY (imported_by) REFERENCES people(id),
	constraint imported_incidents_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX imported_incidents_by_incident ON public.imported_incidents USING btree (incident);

create table incidents (
	id uuid not null,
	number integer not null generated always as identity,
	declared_by uuid not null,
	key text,
	print text,
	created_at timestamp with time zone not null default now(),
	constraint incidents_pkey PRIMARY KEY (id),
	constraint incidents_declared_by_fkey FOREIGN KEY (declared_by) REFERENCES people(id),
	constraint incidents_declared_by_key_key UNIQUE (declared_by, key),
	constraint incidents_number_key UNIQUE (number)
);

create table installation (
	id boolean not null default true,
	secret text not null,
	constraint installation_pkey PRIMARY KEY (id),
	constraint installation_id_check CHECK (id)
);

create table invitations (
	id uuid not null default gen_random_uuid(),
	digest bytea not null,
	access text not null,
	name text,
	email text,
	invited_by uuid not null,
	created_at timestamp with time zone not null default now(),
	expires_at timestamp with time zone not null,
	used_at timestamp with time zone,
	used_by uuid,
	constraint invitations_pkey PRIMARY KEY (id),
	constraint invitations_access_check CHECK ((access = ANY (ARRAY['viewer'::text, 'responder'::text, 'admin'::text]))),
	constraint invitations_digest_key UNIQUE (digest),
	constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES people(id),
	constraint invitations_used_by_fkey FOREIGN KEY (used_by) REFERENCES people(id)
);

create table journal (
	document uuid not null,
	turn bigint not null,
	at timestamp with time zone not null,
	edits bytea not null,
	nonce uuid not null,
	salt bytea,
	digest bytea not null,
	head bytea not null,
	constraint journal_pkey PRIMARY KEY (document, turn),
	constraint journal_document_fkey FOREIGN KEY (document) REFERENCES documents(id),
	constraint journal_document_nonce_key UNIQUE (document, nonce)
);

create table migrations (
	version integer not null,
	name text not null,
	applied_at timestamp with time zone not null default now(),
	oldest integer,
	constraint migrations_pkey PRIMARY KEY (version)
);

create table passed_turns (
	document uuid not null,
	from_turn bigint not null,
	to_turn bigint not null,
	by uuid not null,
	why text not null,
	at timestamp with time zone not null default now(),
	constraint passed_turns_pkey PRIMARY KEY (document, from_turn),
	constraint passed_turns_by_fkey FOREIGN KEY (by) REFERENCES people(id),
	constraint passed_turns_check CHECK ((from_turn <= to_turn)),
	constraint passed_turns_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table people (
	id uuid not null,
	kind text not null,
	name text not null,
	email text,
	email_verified boolean not null default false,
	image text,
	access text not null,
	removed_at timestamp with time zone,
	created_at timestamp with time zone not null default now(),
	updated_at timestamp with time zone not null default now(),
	constraint people_pkey PRIMARY KEY (id),
	constraint people_access_check CHECK ((access = ANY (ARRAY['viewer'::text, 'responder'::text, 'admin'::text]))),
	constraint people_email_check CHECK ((email = lower(email))),
	constraint people_email_key UNIQUE (email),
	constraint people_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'token'::text, 'system'::text])))
);

create table problem_incidents (
	problem integer not null,
	incident uuid not null,
	added_by uuid not null,
	added_at timestamp with time zone not null default now(),
	constraint problem_incidents_pkey PRIMARY KEY (problem, incident),
	constraint problem_incidents_added_by_fkey FOREIGN KEY (added_by) REFERENCES people(id),
	constraint problem_incidents_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint problem_incidents_problem_fkey FOREIGN KEY (problem) REFERENCES problems(number)
);
CREATE INDEX problem_incidents_by_incident ON public.problem_incidents USING btree (incident);

create table problems (
	number integer not null generated always as identity,
	title text not null,
	cause text,
	description text not null default ''::text,
	state text not null default 'investigating'::text,
	owner uuid,
	version integer not null default 1,
	made_by uuid not null,
	made_at timestamp with time zone not null default now(),
	changed_by uuid not null,
	changed_at timestamp with time zone not null default now(),
	key text,
	print text,
	constraint problems_pkey PRIMARY KEY (number),
	constraint problems_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES people(id),
	constraint problems_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
	constraint problems_made_by_key_key UNIQUE (made_by, key),
	constraint problems_owner_fkey FOREIGN KEY (owner) REFERENCES people(id),
	constraint problems_state_check CHECK ((state = ANY (ARRAY['investigating'::text, 'knownError'::text, 'resolved'::text])))
);

create table projected_causes (
	incident uuid not null,
	cause text not null,
	constraint projected_causes_pkey PRIMARY KEY (incident, cause),
	constraint projected_causes_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX projected_causes_by_cause ON public.projected_causes USING btree (cause, incident);
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.projected_causes FOR EACH ROW EXECUTE FUNCTION note_changed_keys();

create table projected_downtimes (
	incident uuid not null,
	since timestamp with time zone not null,
	until timestamp with time zone,
	severity text not null,
	constraint projected_downtimes_pkey PRIMARY KEY (incident, since),
	constraint projected_downtimes_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX projected_downtimes_by_severity ON public.projected_downtimes USING btree (severity, incident) INCLUDE (since, until);
CREATE INDEX projected_downtimes_by_time ON public.projected_downtimes USING gist (tstzrange(since, until));
CREATE INDEX projected_downtimes_open ON public.projected_downtimes USING btree (since) WHERE (until IS NULL);
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.projected_downtimes FOR EACH ROW EXECUTE FUNCTION note_changed_downtimes();

create table projected_entries (
	incident uuid not null,
	id text not null,
	kind text not null,
	text text not null,
	occurred_at timestamp with time zone not null,
	ended_at timestamp with time zone,
	approximate boolean not null,
	actors text,
	starred boolean not null,
	struck boolean not null,
	logged_by uuid,
	recorded_at timestamp with time zone,
	constraint projected_entries_pkey PRIMARY KEY (incident, id),
	constraint projected_entries_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projected_findings (
	incident uuid not null,
	id text not null,
	kind text not null,
	text text not null,
	position integer not null,
	constraint projected_findings_pkey PRIMARY KEY (incident, id),
	constraint projected_findings_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint projected_findings_kind_check CHECK ((kind = ANY (ARRAY['factor'::text, 'lesson'::text])))
);
CREATE INDEX projected_findings_words ON public.projected_findings USING gin (to_tsvector('simple'::regconfig, text));

create table projected_incidents (
	incident uuid not null,
	upto_turn bigint not null,
	upto_at timestamp with time zone not null,
	number integer not null,
	title text not null,
	kind text not null,
	origin text not null,
	severity text,
	highest_severity text,
	status text not null,
	declared_at timestamp with time zone not null,
	declared_by uuid,
	commander uuid,
	empty_roles text[] not null,
	impact text not null,
	milestones jsonb not null,
	projected_at timestamp with time zone not null default now(),
	constraint projected_incidents_pkey PRIMARY KEY (incident),
	constraint projected_incidents_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX projected_incidents_by_number ON public.projected_incidents USING btree (number DESC);
CREATE INDEX projected_incidents_by_projected_at ON public.projected_incidents USING btree (projected_at);
CREATE INDEX projected_incidents_over ON public.projected_incidents USING btree (declared_at) WHERE ((kind = 'incident'::text) AND (origin <> 'imported'::text) AND (status = ANY (ARRAY['resolved'::text, 'closed'::text])));

create table projected_measures (
	incident uuid not null,
	kind text not null,
	counts boolean not null,
	is_over boolean not null,
	severity text not null,
	declared_at timestamp with time zone,
	ttd bigint not null,
	tta bigint not null,
	tta_alert bigint not null,
	ttm bigint not null,
	ttm_declared bigint not null,
	ttr_resolve bigint not null,
	ttr_repair bigint not null,
	ttr_recover bigint not null,
	ttr_respond bigint not null,
	first_alert_at timestamp with time zone,
	is_downtime_known boolean not null,
	gap_ms bigint not null,
	gap_since timestamp with time zone,
	silent_ms bigint not null,
	silent_since timestamp with time zone,
	corrected_at timestamp with time zone,
	constraint projected_measures_pkey PRIMARY KEY (incident),
	constraint projected_measures_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX projected_measures_by_tta ON public.projected_measures USING btree (kind, tta) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_tta_alert ON public.projected_measures USING btree (kind, tta_alert) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttd ON public.projected_measures USING btree (kind, ttd) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttm ON public.projected_measures USING btree (kind, ttm) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttm_declared ON public.projected_measures USING btree (kind, ttm_declared) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttr_recover ON public.projected_measures USING btree (kind, ttr_recover) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttr_repair ON public.projected_measures USING btree (kind, ttr_repair) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttr_resolve ON public.projected_measures USING btree (kind, ttr_resolve) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_by_ttr_respond ON public.projected_measures USING btree (kind, ttr_respond) INCLUDE (declared_at, severity) WHERE counts;
CREATE INDEX projected_measures_corrected ON public.projected_measures USING btree (kind, corrected_at) WHERE (counts AND (corrected_at IS NOT NULL));
CREATE INDEX projected_measures_newest ON public.projected_measures USING btree (kind, declared_at DESC NULLS LAST, incident) WHERE counts;
CREATE INDEX projected_measures_waiting ON public.projected_measures USING btree (kind, declared_at) WHERE (counts AND ((gap_since IS NOT NULL) OR (silent_since IS NOT NULL)));
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.projected_measures FOR EACH ROW EXECUTE FUNCTION note_changed_measures();

create table projected_milestones (
	incident uuid not null,
	milestone text not null,
	at timestamp with time zone not null,
	by uuid,
	recorded_at timestamp with time zone not null,
	original timestamp with time zone,
	constraint projected_milestones_pkey PRIMARY KEY (incident, milestone),
	constraint projected_milestones_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projected_retros (
	incident uuid not null,
	upto_turn bigint not null,
	upto_at timestamp with time zone not null,
	state text not null,
	begun_at timestamp with time zone not null,
	owner uuid,
	due_at timestamp with time zone,
	reviewers uuid[] not null,
	approved uuid[] not null,
	version integer not null,
	published_at timestamp with time zone,
	projected_at timestamp with time zone not null default now(),
	constraint projected_retros_pkey PRIMARY KEY (incident),
	constraint projected_retros_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id),
	constraint projected_retros_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'inReview'::text, 'published'::text])))
);
CREATE INDEX projected_retros_by_state ON public.projected_retros USING btree (state, due_at);
CREATE INDEX projected_retros_published ON public.projected_retros USING btree (published_at DESC) WHERE (state = 'published'::text);
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.projected_retros FOR EACH ROW EXECUTE FUNCTION note_changed_retros();

create table projected_roles (
	incident uuid not null,
	fact text not null,
	role text not null,
	person uuid not null,
	acting boolean not null,
	since timestamp with time zone not null,
	until timestamp with time zone,
	constraint projected_roles_pkey PRIMARY KEY (incident, fact),
	constraint projected_roles_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projected_services (
	incident uuid not null,
	service text not null,
	constraint projected_services_pkey PRIMARY KEY (incident, service),
	constraint projected_services_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX projected_services_by_service ON public.projected_services USING btree (service, incident);
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.projected_services FOR EACH ROW EXECUTE FUNCTION note_changed_keys();

create table projected_severities (
	incident uuid not null,
	fact text not null,
	severity text,
	since timestamp with time zone not null,
	until timestamp with time zone,
	constraint projected_severities_pkey PRIMARY KEY (incident, fact),
	constraint projected_severities_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projected_statuses (
	incident uuid not null,
	fact text not null,
	status text not null,
	since timestamp with time zone not null,
	until timestamp with time zone,
	constraint projected_statuses_pkey PRIMARY KEY (incident, fact),
	constraint projected_statuses_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projected_tasks (
	incident uuid not null,
	id text not null,
	title text not null,
	assignee uuid,
	done boolean not null,
	due timestamp with time zone,
	position integer not null,
	constraint projected_tasks_pkey PRIMARY KEY (incident, id),
	constraint projected_tasks_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table projections (
	document uuid not null,
	turn bigint not null,
	version integer not null,
	constraint projections_pkey PRIMARY KEY (document),
	constraint projections_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table provenance (
	incident uuid not null,
	source text not null,
	source_number bigint not null,
	imported_by uuid not null,
	imported_at timestamp with time zone not null default now(),
	turn bigint not null,
	head bytea not null,
	known_turn bigint,
	constraint provenance_pkey PRIMARY KEY (incident),
	constraint provenance_imported_by_fkey FOREIGN KEY (imported_by) REFERENCES people(id),
	constraint provenance_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table published_heads (
	document uuid not null,
	turn bigint not null,
	way text not null,
	at timestamp with time zone not null default now(),
	constraint published_heads_pkey PRIMARY KEY (document, turn, way),
	constraint published_heads_document_turn_fkey FOREIGN KEY (document, turn) REFERENCES snapshots(document, turn) ON DELETE CASCADE,
	constraint published_heads_way_check CHECK ((way = ANY (ARRAY['file'::text, 'webhook'::text])))
);

create table quarantines (
	document uuid not null,
	turn bigint not null,
	why text not null,
	found_at timestamp with time zone not null default now(),
	tried_at timestamp with time zone not null default now(),
	constraint quarantines_pkey PRIMARY KEY (document),
	constraint quarantines_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table retro_template (
	id boolean not null default true,
	sections jsonb not null,
	changed_by uuid not null,
	changed_at timestamp with time zone not null default now(),
	constraint retro_template_pkey PRIMARY KEY (id),
	constraint retro_template_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES people(id),
	constraint retro_template_id_check CHECK (id)
);

create table retro_versions (
	incident uuid not null,
	version integer not null,
	turn bigint not null,
	incident_turn bigint not null,
	published_at timestamp with time zone not null,
	published_by uuid not null,
	title text not null,
	content json not null,
	text text not null,
	search tsvector not null generated always as ((setweight(to_tsvector('simple'::regconfig, title), 'A'::"char") || to_tsvector('simple'::regconfig, text))) stored,
	constraint retro_versions_pkey PRIMARY KEY (incident, version),
	constraint retro_versions_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);
CREATE INDEX retro_versions_by_search ON public.retro_versions USING gin (search);
CREATE INDEX retro_versions_by_time ON public.retro_versions USING btree (published_at DESC);

create table segments (
	document uuid not null,
	from_turn bigint not null,
	to_turn bigint not null,
	from_at timestamp with time zone not null,
	head_before bytea not null,
	nonces uuid[] not null,
	bytes bytea not null,
	sha256 bytea not null,
	constraint segments_pkey PRIMARY KEY (document, from_turn),
	constraint segments_check CHECK ((from_turn <= to_turn)),
	constraint segments_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table services (
	name text not null,
	team text,
	made_at timestamp with time zone not null default now(),
	constraint services_pkey PRIMARY KEY (name)
);
CREATE TRIGGER note_changed AFTER INSERT OR DELETE OR UPDATE ON public.services FOR EACH ROW EXECUTE FUNCTION note_changed_teams();

create table sessions (
	id uuid not null default gen_random_uuid(),
	person uuid not null,
	digest text not null,
	address text,
	user_agent text,
	created_at timestamp with time zone not null default now(),
	seen_at timestamp with time zone not null default now(),
	expires_at timestamp with time zone not null,
	constraint sessions_pkey PRIMARY KEY (id),
	constraint sessions_digest_key UNIQUE (digest),
	constraint sessions_person_fkey FOREIGN KEY (person) REFERENCES people(id)
);
CREATE INDEX sessions_person_idx ON public.sessions USING btree (person);

create table settings (
	name text not null,
	value jsonb not null,
	changed_by uuid,
	changed_at timestamp with time zone not null default now(),
	constraint settings_pkey PRIMARY KEY (name),
	constraint settings_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES people(id)
);

create table snapshots (
	document uuid not null,
	turn bigint not null,
	state bytea not null,
	reading json not null,
	sha256 bytea not null,
	head bytea not null,
	created_at timestamp with time zone not null default now(),
	constraint snapshots_pkey PRIMARY KEY (document, turn),
	constraint snapshots_document_fkey FOREIGN KEY (document) REFERENCES documents(id)
);

create table source_attendance (
	incident uuid not null,
	conn text not null,
	entered_at timestamp with time zone not null,
	person uuid not null,
	left_at timestamp with time zone not null,
	constraint source_attendance_pkey PRIMARY KEY (incident, conn, entered_at),
	constraint source_attendance_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table source_people (
	incident uuid not null,
	person uuid not null,
	name text not null,
	constraint source_people_pkey PRIMARY KEY (incident, person),
	constraint source_people_incident_fkey FOREIGN KEY (incident) REFERENCES incidents(id)
);

create table summed_counts (
	term text not null,
	dimension text not null,
	key text not null,
	severity text not null,
	incidents integer not null,
	over integer not null,
	unknown_downtime integer not null,
	gap_ms bigint not null,
	silent_ms bigint not null,
	begun integer not null,
	published integer not null,
	due timestamp with time zone[] not null,
	constraint summed_counts_pkey PRIMARY KEY (dimension, term, key, severity)
);

create table summed_downtimes (
	term text not null,
	dimension text not null,
	key text not null,
	severity text not null,
	outages tstzmultirange not null,
	constraint summed_downtimes_pkey PRIMARY KEY (dimension, term, key, severity)
);

create table summed_measures (
	term text not null,
	dimension text not null,
	key text not null,
	measure text not null,
	n integer not null,
	total numeric not null,
	pending integer not null,
	not_applicable integer not null,
	invalid integer not null,
	zero integer not null,
	buckets smallint[] not null,
	ends integer[] not null,
	lengths bigint[] not null,
	constraint summed_measures_pkey PRIMARY KEY (dimension, measure, term, key)
);

create table summed_terms (
	term text not null,
	version integer not null,
	tz text not null,
	constraint summed_terms_pkey PRIMARY KEY (term)
);

create table tokens (
	person uuid not null,
	digest bytea not null,
	made_by uuid not null,
	constraint tokens_pkey PRIMARY KEY (person),
	constraint tokens_digest_key UNIQUE (digest),
	constraint tokens_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
	constraint tokens_person_fkey FOREIGN KEY (person) REFERENCES people(id)
);
