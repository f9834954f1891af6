import type { ISql } from 'postgres';
import type { GroupFigures, Measured } from '#core/review/metrics/answer.ts';
import { severityFilters, timelessGroupings } from '#core/review/metrics/groupings.ts';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import type { MetricPart } from '#core/review/metrics/query.ts';
import { limits } from '#server/limits.ts';
import { readPresence, type Presence } from '#server/storage/metrics/attendance.ts';
import {
	readCounts,
	readRetros,
	type Counted,
	type Retros,
} from '#server/storage/metrics/counts.ts';
import { readDowntime, type DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import { readMeasured, type MeasuredGroups } from '#server/storage/metrics/measures.ts';
import { planOf } from '#server/storage/metrics/sums/reading.ts';
import type { RawKey } from '#server/storage/metrics/scope.ts';

/** What is wanted of every group, beside how many incidents it has. */
export interface Wanted {
	readonly measures: readonly MeasureId[];
	readonly parts: readonly MetricPart[];
}

/** What the store says of each group; null where nobody asked, or where there is none. */
interface Found {
	readonly counts: ReadonlyMap<RawKey, readonly Counted[]>;
	readonly measured: MeasuredGroups;
	readonly downtime: ReadonlyMap<RawKey, number> | null;
	readonly presence: readonly Presence[] | null;
	readonly retros: readonly Retros[] | null;
}

/** The figures of every group in which there is something to count. */
export async function readFigures(
	sql: ISql,
	question: DowntimeQuestion,
	{ measures, parts }: Wanted,
): Promise<Figures> {
	const plan = await planOf(sql, question);
	const counts = await readCounts(sql, question, plan);
	const incidents = counts.reduce((total, one) => total + one.incidents, 0);
	const areMany = incidents > limits.metricsAtOnce;
	const hasPresence = parts.includes('presence') && incidents <= limits.metricsWithPresence;
	const isOut = parts.includes('downtime') && hasDowntime(question);
	const found: Found = {
		measured: await readMeasured(sql, question, { measures, areMany, plan }),
		counts: Map.groupBy(counts, ({ key }) => key),
		downtime: isOut ? await readDowntime(sql, question, plan) : null,
		presence: hasPresence ? await readPresence(sql, question) : null,
		retros: parts.includes('retros') ? await readRetros(sql, question, plan) : null,
	};
	const keys = new Set([...found.counts.keys(), ...(found.downtime?.keys() ?? [])]);
	return {
		keys: [...keys],
		of: (key) => figuresOf(question, key, found),
	};
}

/** The figures of groups: `keys` are those that have any, `of` answers for the others too. */
export interface Figures {
	readonly keys: readonly RawKey[];
	readonly of: (key: RawKey) => GroupFigures;
}

/** Whether groups of this kind can have downtime. */
export function hasDowntime({ by, scope }: DowntimeQuestion): boolean {
	return scope.kind === 'incident' && (by === null || !timelessGroupings.includes(by));
}

const nothingMeasured: Measured = {
	...{ n: 0, meanMs: null, medianMs: null, p90Ms: null, p95Ms: null },
	...{ pending: 0, notApplicable: 0, invalid: 0, zero: 0 },
};

function figuresOf(question: DowntimeQuestion, key: RawKey, found: Found): GroupFigures {
	const counts = found.counts.get(key) ?? [];
	const sum = (value: (one: Counted) => number) =>
		counts.reduce((total, one) => total + value(one), 0);
	const incidents = sum((one) => one.incidents);
	const over = sum((one) => one.over);
	return {
		incidents,
		bySeverity: Object.fromEntries(
			severityFilters.map((severity) => [severity, countOf(counts, severity)]),
		) as GroupFigures['bySeverity'],
		byStatus: { open: incidents - over, over },
		measures: Object.fromEntries(
			Array.from(found.measured, ([id, groups]) => [id, groups.get(key) ?? nothingMeasured]),
		),
		downtime:
			found.downtime &&
			downtimeOf(question, counts, {
				windowMs: windowOf(question, key),
				downtimeMs: found.downtime.get(key) ?? 0,
			}),
		commanderGapMs: sum((one) => one.commanderGapMs),
		withoutUpdateMs: sum((one) => one.withoutUpdateMs),
		...presenceOf(found.presence, key),
		retros: found.retros && { resolved: over, ...retrosOf(found.retros, key) },
	};
}

function countOf(counts: readonly Counted[], severity: string): number {
	const name = severity === 'none' ? '' : severity;
	return counts.find((one) => one.severity === name)?.incidents ?? 0;
}

function presenceOf(presence: Found['presence'], key: RawKey) {
	if (presence === null) return { peopleMs: null, nights: null, peopleNights: null };
	const {
		peopleMs = 0,
		nights = 0,
		peopleNights = 0,
	} = presence.find((one) => one.key === key) ?? {};
	return { peopleMs, nights, peopleNights };
}

function retrosOf(retros: readonly Retros[], key: RawKey) {
	const { begun = 0, published = 0, overdue = 0 } = retros.find((one) => one.key === key) ?? {};
	return { begun, published, overdue };
}

/** The stretch of a group, or the period, as far as it has come. */
function windowOf({ stretches, from, to, until }: DowntimeQuestion, key: RawKey): number {
	const stretch = typeof key === 'number' ? stretches[key - 1] : undefined;
	const end = Math.min(Date.parse(stretch?.to ?? to), Date.parse(until));
	return Math.max(0, end - Date.parse(stretch?.from ?? from));
}

function downtimeOf(
	{ downtimeSeverities }: DowntimeQuestion,
	counts: readonly Counted[],
	{ windowMs, downtimeMs }: { readonly windowMs: number; readonly downtimeMs: number },
): NonNullable<GroupFigures['downtime']> {
	const failing = counts.filter(({ severity }) =>
		downtimeSeverities.some((one) => one === severity),
	);
	const failures = failing.reduce((total, { incidents }) => total + incidents, 0);
	const unknown = failing.reduce((total, { unknownDowntime }) => total + unknownDowntime, 0);
	return {
		...{ windowMs, downtimeMs, failures, unknown },
		mtbfMs: failures === 0 ? null : (windowMs - downtimeMs) / failures,
		availability: windowMs === 0 ? null : 1 - downtimeMs / windowMs,
	};
}
