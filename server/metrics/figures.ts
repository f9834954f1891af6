import type { ISql } from 'postgres';
import type { GroupFigures, Measured } from '#core/review/metrics/answer.ts';
import { severityFilters, timelessGroupings } from '#core/review/metrics/groupings.ts';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import { readPresence, type Presence } from '#server/storage/metrics/attendance.ts';
import {
	readCounts,
	readRetros,
	type Counted,
	type Retros,
} from '#server/storage/metrics/counts.ts';
import { readDowntime, type DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import { readMeasured } from '#server/storage/metrics/measures.ts';
import type { RawKey } from '#server/storage/metrics/scope.ts';

/** What the store says of each group. */
interface Found {
	readonly counts: ReadonlyMap<RawKey, readonly Counted[]>;
	readonly measured: ReadonlyMap<MeasureId, ReadonlyMap<RawKey, Measured>>;
	readonly downtime: ReadonlyMap<RawKey, number> | null;
	readonly presence: readonly Presence[];
	readonly retros: readonly Retros[];
}

/** The figures of every group in which there is something to count. */
export async function readFigures(
	sql: ISql,
	question: DowntimeQuestion,
	measures: readonly MeasureId[],
): Promise<ReadonlyMap<RawKey, GroupFigures>> {
	const measured = new Map<MeasureId, ReadonlyMap<RawKey, Measured>>();
	for (const measure of measures) measured.set(measure, await readMeasured(sql, question, measure));
	const found: Found = {
		measured,
		counts: Map.groupBy(await readCounts(sql, question), ({ key }) => key),
		downtime: hasDowntime(question) ? await readDowntime(sql, question) : null,
		presence: await readPresence(sql, question),
		retros: await readRetros(sql, question),
	};
	const keys = new Set([...found.counts.keys(), ...(found.downtime?.keys() ?? [])]);
	return new Map(Array.from(keys, (key) => [key, figuresOf(question, key, found)]));
}

/** The figures of a group in which nothing happened. */
export function emptyFigures(
	question: DowntimeQuestion,
	key: RawKey,
	measures: readonly MeasureId[],
): GroupFigures {
	const measured = new Map(measures.map((measure) => [measure, new Map<RawKey, Measured>()]));
	const downtime = hasDowntime(question) ? new Map<RawKey, number>() : null;
	return figuresOf(question, key, {
		counts: new Map(),
		measured,
		downtime,
		presence: [],
		retros: [],
	});
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
	const presence = found.presence.find((one) => one.key === key);
	const retros = found.retros.find((one) => one.key === key);
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
		peopleMs: presence?.peopleMs ?? 0,
		nights: presence?.nights ?? 0,
		peopleNights: presence?.peopleNights ?? 0,
		retros: {
			resolved: over,
			begun: retros?.begun ?? 0,
			published: retros?.published ?? 0,
			overdue: retros?.overdue ?? 0,
		},
	};
}

function countOf(counts: readonly Counted[], severity: string): number {
	const name = severity === 'none' ? '' : severity;
	return counts.find((one) => one.severity === name)?.incidents ?? 0;
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
