import type { ISql, Sql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import {
	chosenSettings,
	usualSettings,
	type ChosenSettings,
	type MetricSettings,
} from '#core/review/metrics/settings.ts';
import { Refusal } from '#core/refusal.ts';
import { putSetting, readSetting } from '../settings.ts';

/** The subject of the settings about figures. */
const subject = 'metrics';

/** How figures are counted here. */
export async function readMetricSettings(sql: ISql): Promise<MetricSettings> {
	const { data = {} } = chosenSettings.safeParse(await readSetting(sql, subject));
	return joined(usualSettings, data);
}

/** Chooses some of it and gives what holds now. Throws a `Refusal` for a zone that the store does not know. */
export async function chooseMetricSettings(
	sql: Sql,
	{ chosen, by }: { readonly chosen: ChosenSettings; readonly by: PersonId },
): Promise<MetricSettings> {
	return sql.begin(async (tx) => {
		await tx`select from settings where name = ${subject} for update`;
		const value = joined(await readMetricSettings(tx), chosen);
		if (chosen.tz !== undefined && !(await knowsZone(tx, chosen.tz))) {
			throw new Refusal('invalid', 'The store does not know this time zone.', 'tz');
		}
		await putSetting(tx, subject, { value, by });
		return value;
	});
}

function joined(before: MetricSettings, chosen: ChosenSettings): MetricSettings {
	return {
		downtimeSeverities: chosen.downtimeSeverities ?? before.downtimeSeverities,
		tz: chosen.tz ?? before.tz,
	};
}

async function knowsZone(sql: ISql, zone: string): Promise<boolean> {
	const rows =
		await sql`select from pg_timezone_names where lower(name) = ${zone.toLowerCase()} limit 1`;
	return rows.length > 0;
}
