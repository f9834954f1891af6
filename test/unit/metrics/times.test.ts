import { expect, test } from 'vitest';
import type { Milestone } from '#core/incident/lifecycle.ts';
import { measureIds, measures, type MeasureId } from '#core/review/metrics/measures.ts';
import { codeOf, timeFromCode, timeOf, type IncidentTimes } from '#core/review/metrics/times.ts';

const minute = 60_000;
/** Each milestone some minutes after the one before, so that no two measures are the same. */
const reached: Partial<Record<Milestone, number>> = {
	impactStarted: 0,
	detected: 1 * minute,
	declared: 3 * minute,
	acknowledged: 7 * minute,
	identified: 15 * minute,
	mitigated: 31 * minute,
	resolved: 63 * minute,
	closed: 127 * minute,
	impactEnded: 255 * minute,
};

function timesOf(
	changes: { readonly [K in Milestone]?: number | undefined } = {},
	about: Partial<Omit<IncidentTimes, 'reached'>> = {},
): IncidentTimes {
	const all = Object.entries({ ...reached, ...changes }).filter(([, at]) => at !== undefined);
	return {
		...{ origin: 'live', isClosed: true, firstAlert: 2 * minute, ...about },
		reached: Object.fromEntries(all),
	};
}

function the(id: MeasureId, times: IncidentTimes) {
	const measure = measures.find((one) => one.id === id);
	if (!measure) throw new Error(`There is no ${id}.`);
	return timeOf(measure, times);
}

test('every measure has its own two anchors', () => {
	expect(measures.map(({ id }) => id)).toEqual(measureIds);
	const minutes = measures.map((measure) => {
		const time = timeOf(measure, timesOf());
		return [measure.id, time.state === 'valid' && time.ms / minute];
	});
	expect(Object.fromEntries(minutes)).toEqual({
		...{ ttd: 1, tta: 4, ttaAlert: 5, ttm: 31, ttmDeclared: 28 },
		...{ ttrResolve: 60, ttrRepair: 254, ttrRecover: 63, ttrRespond: 61 },
	});
});

test('[M1] an end before its start is invalid, and so is nothing else of that incident', () => {
	const times = timesOf({ detected: -1 });
	expect(the('ttd', times)).toEqual({ state: 'invalid' });
	expect(the('ttrResolve', times)).toEqual({ state: 'valid', ms: 60 * minute });
});

test('[M1] what is missing is pending until the incident is closed, and not applicable then', () => {
	for (const missing of ['declared', 'resolved'] as const) {
		const times = { [missing]: undefined };
		expect(the('ttrResolve', timesOf(times, { isClosed: false }))).toEqual({ state: 'pending' });
		expect(the('ttrResolve', timesOf(times))).toEqual({ state: 'notApplicable' });
	}
});

test('[M1] what no alert began has no time from an alert, also while it is open', () => {
	const times = timesOf({}, { firstAlert: null, isClosed: false });
	expect(the('ttaAlert', times)).toEqual({ state: 'notApplicable' });
	expect(the('tta', times)).toEqual({ state: 'valid', ms: 4 * minute });
});

test('[M1] no length is a value of a live incident, and not known of one from afterwards', () => {
	const same = { resolved: 3 * minute };
	expect(the('ttrResolve', timesOf(same))).toEqual({ state: 'valid', ms: 0 });
	for (const origin of ['backfilled', 'imported'] as const) {
		expect(the('ttrResolve', timesOf(same, { origin }))).toEqual({ state: 'zero' });
	}
});

test('a measured time is kept as one number and read back', () => {
	for (const state of ['pending', 'notApplicable', 'invalid', 'zero'] as const) {
		expect(timeFromCode(codeOf({ state }))).toEqual({ state });
	}
	expect(timeFromCode(codeOf({ state: 'valid', ms: 0 }))).toEqual({ state: 'valid', ms: 0 });
});
