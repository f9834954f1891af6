import type { ISql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';
import type { Kind, Milestone, Origin, Status } from '#core/incident/lifecycle.ts';
import { measureIds, type MeasureId, type MeasureState } from '#core/review/metrics/measures.ts';
import { stateCodes } from '#core/review/metrics/times.ts';
import { columnOf } from './measures.ts';
import { groupsOf, inPeriod, inScope, isOfTeam, keyOf, passing, type RawKey } from './scope.ts';
import { readCountSums } from './sums/counts.ts';
import { countStateSums } from './sums/measures.ts';
import { planOf } from './sums/reading.ts';
import type { DowntimeQuestion } from './downtime.ts';

/** Which of a question's incidents are wanted; null leaves a part open. */
export interface Selection {
	/** The group, by the question's grouping. */
	readonly key: { readonly raw: RawKey } | null;
	readonly measure: MeasureId | null;
	readonly state: MeasureState | null;
	readonly only: 'corrected' | 'undated' | 'downtime' | 'unknownDowntime' | null;
}

export interface Page {
	readonly order: 'newest' | 'longest';
	readonly limit: number;
	readonly offset: number;
}

/** An incident with all its measures as `projected_measures` keeps them. */
export interface MeasuredIncident {
	readonly id: IncidentId;
	readonly number: number;
	readonly title: string;
	readonly kind: Kind;
	readonly origin: Origin;
	readonly status: Status;
	readonly severity: string;
	readonly services: readonly string[];
	readonly declaredAt: Date | null;
	readonly firstAlertAt: Date | null;
	readonly correctedAt: Date | null;
	readonly milestones: Readonly<Partial<Record<Milestone, string>>>;
	readonly codes: Readonly<Record<MeasureId, number>>;
}

/** How many incidents are selected. */
export async function countSelected(
	sql: ISql,
	question: DowntimeQuestion,
	selection: Selection,
): Promise<number> {
	const { only, key, state } = selection;
	if (only === 'downtime' && key === null && state === null) return countOutages(sql, question);
	return (await countFromSums(sql, question, selection)) ?? countEach(sql, question, selection);
}

/** By the outages alone: whatever has one is an incident that counts, and was declared. */
async function countOutages(sql: ISql, question: DowntimeQuestion): Promise<number> {
	const { scope, from, until, downtimeSeverities } = question;
	if (scope.kind !== 'incident') return 0;
	const [row] = await sql<[{ count: number }]>`
		select count(distinct m.incident) as count from projected_downtimes m
		where m.severity = any(${[...downtimeSeverities]}::text[]) ${passing(sql, scope)}
			and tstzrange(m.since, m.until) && tstzrange(${from}, ${until})`;
	return row.count;
}

/** Of a whole period alone: null for what is picked out of it, and where there are no sums. */
async function countFromSums(
	sql: ISql,
	question: DowntimeQuestion,
	{ key, measure, state, only }: Selection,
): Promise<number | null> {
	const isWhole = key === null && only === null && question.by === null;
	const plan = isWhole ? await planOf(sql, question) : null;
	if (!plan) return null;
	if (measure !== null && state !== null) {
		return countStateSums(sql, question, { plan, measure, state });
	}
	const counts = await readCountSums(sql, question, plan);
	return counts.reduce((total, { incidents }) => total + incidents, 0);
}

async function countEach(
	sql: ISql,
	question: DowntimeQuestion,
	selection: Selection,
): Promise<number> {
	const [row] = await sql<[{ count: number }]>`
		select count(*) as count from projected_measures m ${joined(sql, question)}
		where ${isSelected(sql, question, selection)}`;
	return row.count;
}

/** The incidents that are selected. */
export async function readSelected(
	sql: ISql,
	{ question, selection }: { question: DowntimeQuestion; selection: Selection },
	{ order, limit, offset }: Page,
): Promise<readonly MeasuredIncident[]> {
	const { measure } = selection;
	const first =
		order === 'longest' && measure !== null ? sql`${sql(`m.${columnOf(measure)}`)} desc,` : sql``;
	const codes = measureIds.map((id) => sql`${id}::text, ${sql(columnOf(id))},`);
	return sql<MeasuredIncident[]>`
		with selected as (
			select m.* from projected_measures m ${joined(sql, question)}
			where ${isSelected(sql, question, selection)}
			order by ${first} m.declared_at desc nulls last, m.incident limit ${limit} offset ${offset}
		)
		select m.incident as id, p.number, p.title, m.kind, p.origin, p.status, m.severity,
			array(
				select s.service from projected_services s where s.incident = m.incident order by s.service
			) as services,
			m.declared_at as "declaredAt", m.first_alert_at as "firstAlertAt",
			m.corrected_at as "correctedAt", p.milestones,
			json_build_object(${codes} 'end', null) as codes
		from selected m join projected_incidents p using (incident)
		order by ${first} m.declared_at desc nulls last, m.incident`;
}

/** A team is looked for, not joined: it may look after several services of an incident. */
function joined(sql: ISql, { by }: DowntimeQuestion) {
	return groupsOf(sql, by === 'team' ? null : by);
}

function isSelected(sql: ISql, question: DowntimeQuestion, selection: Selection) {
	const { key, measure, state } = selection;
	return sql`
		${isWithin(sql, question, selection.only)}
		${key === null ? sql`` : sql`and ${isOfGroup(sql, question, key.raw)}`}
		${measure === null || state === null ? sql`` : sql`and ${isInState(sql, measure, state)}`}`;
}

function isWithin(sql: ISql, question: DowntimeQuestion, only: Selection['only']) {
	const severities = sql`${[...question.downtimeSeverities]}::text[]`;
	switch (only) {
		case null:
			return inPeriod(sql, question);
		case 'undated':
			return sql`${inScope(sql, question.scope)} and m.declared_at is null`;
		case 'corrected':
			return sql`${inPeriod(sql, question)} and m.corrected_at >= ${question.to}::timestamptz`;
		case 'unknownDowntime':
			return sql`
				${inPeriod(sql, question)} and not m.is_downtime_known and m.severity = any(${severities})`;
		case 'downtime':
			return sql`${inScope(sql, question.scope)} and exists (
				select from projected_downtimes d
				where d.incident = m.incident and d.severity = any(${severities})
					and tstzrange(d.since, d.until) && tstzrange(${question.from}, ${question.until})
			)`;
		default:
			return only satisfies never;
	}
}

function isOfGroup(sql: ISql, question: DowntimeQuestion, raw: RawKey) {
	if (question.by === 'team') {
		return raw === null ? sql`not ${isOfTeam(sql, null)}` : isOfTeam(sql, String(raw));
	}
	const key = keyOf(sql, question);
	if (raw === null) return sql`${key} is null`;
	return typeof raw === 'number' ? sql`${key} = ${raw}::int` : sql`${key} = ${raw}::text`;
}

function isInState(sql: ISql, measure: MeasureId, state: MeasureState) {
	const value = sql(`m.${columnOf(measure)}`);
	return state === 'valid' ? sql`${value} >= 0` : sql`${value} = ${stateCodes[state]}`;
}
