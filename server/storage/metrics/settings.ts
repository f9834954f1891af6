import type { ISql, Sql } from 'postgres';
import * as z from 'zod/mini';
import type { PersonId } from '#core/ids.ts';
import type { Severity } from '#core/incident/lifecycle.ts';
import {
	downtimeSeverities,
	usualDowntime,
	usualZone,
	type ChosenSettings,
	type MetricSettings,
} from '#core/review/metrics/settings.ts';
import { zone } from '#core/review/metrics/zone.ts';
import { Refusal } from '#core/refusal.ts';
import { putSetting, readSetting } from '../settings.ts';

/** Each is a subject of its own: who chooses one changes nothing of the other. */
const subjects = { downtime: 'metrics', zone: 'timeZone' } as const;

const keptDowntime = z.object({ downtimeSeverities });
const keptZone = z.object({ tz: zone });

/** How figures are counted here. */
export async function readMetricSettings(sql: ISql): Promise<MetricSettings> {
	return { downtimeSeverities: await readDowntimeSeverities(sql), tz: await readZone(sql) };
}

/** Which severities are downtime here. */
export async function readDowntimeSeverities(sql: ISql): Promise<Severity[]> {
	const kept = keptDowntime.safeParse(await readSetting(sql, subjects.downtime));
	return kept.data?.downtimeSeverities ?? [...usualDowntime];
}

/** The time zone that the insights begin with, and by whose clocks hours are summed up. */
export async function readZone(sql: ISql): Promise<string> {
	return keptZone.safeParse(await readSetting(sql, subjects.zone)).data?.tz ?? usualZone;
}

/** Chooses some of it and gives what holds now. Throws a `Refusal` for a zone that the store does not know. */
export async function chooseMetricSettings(
	sql: Sql,
	{ chosen, by }: { readonly chosen: ChosenSettings; readonly by: PersonId },
): Promise<MetricSettings> {
	return sql.begin(async (tx) => {
		const { downtimeSeverities: downtime, tz } = chosen;
		if (downtime) {
			await putSetting(tx, subjects.downtime, { value: { downtimeSeverities: downtime }, by });
		}
		if (tz !== undefined) {
			if (!(await knowsZone(tx, tz))) {
				throw new Refusal('invalid', 'The store does not know this time zone.', 'tz');
			}
			await putSetting(tx, subjects.zone, { value: { tz }, by });
		}
		return readMetricSettings(tx);
	});
}

async function knowsZone(sql: ISql, name: string): Promise<boolean> {
	const rows = await sql`
		select from pg_timezone_names where lower(name) = ${name.toLowerCase()} limit 1`;
	return rows.length > 0;
}
