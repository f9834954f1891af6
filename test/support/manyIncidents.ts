import type { Sql } from 'postgres';

/**
 * Makes so many incidents over the last years, as the persister would have projected them: lengths around an
 * hour with a long tail, forty services of eight teams, causes, retrospectives, and who was there.
 */
export async function fillIncidents(sql: Sql, incidents: number, years = 10): Promise<void> {
	await sql.begin(async (tx) => {
		// Only this script writes here: what refers to what need not be looked up a million times.
		await tx`set local session_replication_role = replica`;
		await tx`select setseed(0.5)`;
		await tx`
			insert into people (id, name, kind, access)
			select gen_random_uuid(), 'Person ' || i, 'token', 'responder' from generate_series(1, 50) i`;
		await tx`
			create temporary table made on commit drop as
			select gen_random_uuid() as id, i as number,
				date_trunc('second', now() - ${`${years} years`}::text::interval * (1 - i / ${incidents}::float8)) as declared,
				(array['SEV1','SEV2','SEV3','SEV3','SEV3','SEV4','SEV4','SEV5','',''])[1 + floor(random() * 10)::int]
					as severity,
				(1000 * 3600 * exp(1.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::int8 as ms,
				random() as luck, 1 + floor(random() * 40)::int as service
			from generate_series(1, ${incidents}::int) i`;
		await tx`
			insert into incidents (id, number, declared_by, created_at) overriding system value
			select id, number, (select id from people limit 1), declared from made`;
		await tx`
			insert into projected_incidents (
				incident, upto_turn, upto_at, number, title, kind, origin, severity, highest_severity, status,
				declared_at, empty_roles, impact, milestones
			) select id, 1, declared, number, 'Incident ' || number, 'incident', 'live', nullif(severity, ''),
				nullif(severity, ''), 'closed', declared, '{}', '',
				jsonb_build_object('declared', declared, 'resolved', declared + ms * interval '1 ms')
			from made`;
		await tx`
			insert into projected_measures (
				incident, kind, counts, is_over, severity, declared_at, ttd, tta, tta_alert, ttm,
				ttm_declared, ttr_resolve, ttr_repair, ttr_recover, ttr_respond, is_downtime_known,
				gap_ms, silent_ms, corrected_at
			) select id, case when luck < 0.03 then 'drill' else 'incident' end, luck < 0.98, true, severity,
				declared, ms / 20, case when luck < 0.1 then -2 else ms / 30 end, -2, ms * 7 / 10, ms / 2,
				case when luck < 0.05 then -3 else ms end, ms * 9 / 10, ms * 21 / 20, -2, true, ms / 50, ms / 7,
				case when luck > 0.95 then declared + interval '200 days' end
			from made`;
		await tx`
			insert into projected_downtimes (incident, since, until, severity)
			select id, declared - ms / 20 * interval '1 ms', declared + ms * interval '1 ms', severity
			from made where luck between 0.05 and 0.98`;
		await tx`
			insert into projected_services (incident, service)
			select id, 'service-' || service from made
			union select id, 'service-' || 1 + (service * 7 + number) % 40 from made where luck > 0.7`;
		await tx`
			insert into services (name, team)
			select 'service-' || i, 'team-' || i % 8 from generate_series(1, 40) i`;
		await tx`
			insert into projected_causes (incident, cause)
			select id, 'cause-' || service % 12 from made where luck < 0.2`;
		await tx`
			insert into projected_retros (
				incident, upto_turn, upto_at, state, begun_at, due_at, reviewers, approved, version
			) select id, 1, declared, case when luck < 0.15 then 'published' else 'draft' end, declared,
				declared + interval '7 days', '{}', '{}', (luck < 0.15)::int
			from made where luck < 0.2`;
		await tx`
			insert into attendance (incident, conn, entered_at, person, seen_at, left_at)
			select m.id, n::text, m.declared + n * interval '1 minute', p.id, m.declared,
				m.declared + (n + 40) * interval '1 minute'
			from made m cross join generate_series(1, 3) n
			join (select id, row_number() over () as place from people) p on p.place = 1 + (m.number * 3 + n) % 50
			where m.luck < 0.33`;
	});
	await sql`vacuum analyze`;
}
