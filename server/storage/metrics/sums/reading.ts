import type { ISql } from 'postgres';
import type { Grouping } from '#core/review/metrics/groupings.ts';
import { limits } from '#server/limits.ts';
import { inScope, keyOf, once, type Part, type Question, type RawKey } from '../scope.ts';
import { cutOf, type Cut } from './dimensions.ts';
import { readSummed } from './terms.ts';
import { piecesOf, type Pieces } from './spans.ts';

/** From which sums a question is answered, and of which times its incidents are read one by one. */
export interface Plan extends Pieces {
	readonly cut: Cut;
	/** The months and years of the period that are summed up. */
	readonly known: ReadonlySet<string>;
}

/** How a question is answered from sums; null where little of its time is summed up, or no sum would help. */
export async function planOf(sql: ISql, question: Question): Promise<Plan | null> {
	const cut = cutOf(question);
	if (!cut) return null;
	const length = lengthOf(question.from, question.to);
	if (cut.dimension === 'hours' && length < limits.hoursSummedFromMs) return null;
	const known = await readSummed(sql, question, cut.dimension === 'hours' ? question.tz : null);
	if (known.size === 0) return null;
	const pieces = piecesOf(question, known);
	const oneByOne = pieces.spans.reduce((ms, { from, to }) => ms + lengthOf(from, to), 0);
	return oneByOne * 2 < length ? { ...pieces, cut, known } : null;
}

function lengthOf(from: string, to: string): number {
	return Date.parse(to) - Date.parse(from);
}

/** Rows `c` of a table of sums that a question is about, each with its `nth` and the `own` key of its group. */
export function sumsOf(sql: ISql, { cut, summed }: Plan, columns: Part): Part {
	const rows = summed.flatMap(({ nth, sums }) => sums.map((sum) => ({ nth, sum })));
	return sql`
		select b.nth, ${ownOf(sql, cut)} as own, ${columns}
		from unnest(
			${rows.map(({ nth }) => nth)}::int8[], ${rows.map(({ sum }) => sum)}::text[]
		) b (nth, sum) join`;
}

/** What tells the group of a row `c` from the others with its `nth`. */
function ownOf(sql: ISql, { groups }: Cut): Part {
	if (groups === 'none') return sql`''`;
	return groups === 'keys' ? sql`c.key` : sql`(c.key::int % 24)::text`;
}

/** That rows `c` of sums are of the keys and times that are asked for. */
export function areAsked(sql: ISql, { cut: { dimension, keys } }: Plan): Part {
	return sql`
		c.term = b.sum and c.dimension = ${dimension}
		${keys === null ? sql`` : sql`and c.key = any(${[...keys]}::text[])`}`;
}

/** Incidents `m` of the spans, each with its `nth`, its `sign` and the `own` key of its group. */
export function spansOf(
	sql: ISql,
	{ question, plan: { spans, cut } }: { readonly question: Question; readonly plan: Plan },
	columns: Part,
): Part {
	const by = cut.groups === 'none' ? null : question.by;
	// Filters and keys are looked up for the incidents of the spans, which are few, whatever is expected of them.
	return sql`
		${once(sql, by)} m.nth, m.sign,
			${by === null ? sql`''` : sql`coalesce((${keyOf(sql, question)})::text, '')`} as own, ${columns}
		from (
			select b.nth, b.sign, m.*
			from unnest(
				${spans.map(({ nth }) => nth)}::int8[], ${spans.map(({ sign }) => sign)}::int8[],
				${spans.map(({ from }) => from)}::text[]::timestamptz[],
				${spans.map(({ to }) => to)}::text[]::timestamptz[]
			) b (nth, sign, since, until)
			join projected_measures m on m.declared_at >= b.since and m.declared_at < b.until
			where m.counts and m.kind = 'incident' offset 0
		) m
		${by === null ? sql`` : keysNear(sql, by)}
		where ${inScope(sql, question.scope)}`;
}

/** As `groupsOf`, of each incident by itself: spans have few. */
function keysNear(sql: ISql, by: Grouping): Part {
	switch (by) {
		case 'service':
			return sql`left join lateral (
				select s.service from projected_services s where s.incident = m.incident offset 0) g on true`;
		case 'team':
			return sql`left join lateral (
				select v.team from projected_services s join services v on v.name = s.service
				where s.incident = m.incident and v.team is not null offset 0) g on true`;
		case 'cause':
			return sql`left join lateral (
				select c.cause from projected_causes c where c.incident = m.incident offset 0) g on true`;
		default:
			return sql``;
	}
}

/** What a group is known by to whoever asked. */
export function rawKeyOf(
	{ stretches }: Question,
	{ cut }: Plan,
	{ nth, own }: { readonly nth: number; readonly own: string },
): RawKey {
	if (cut.dimension === 'hours') return Number(own);
	if (cut.groups !== 'none') return own === '' ? null : own;
	return stretches.length > 0 ? nth : null;
}
