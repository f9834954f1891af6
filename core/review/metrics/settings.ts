import * as z from 'zod/mini';
import { severities, type Severity } from '../../incident/lifecycle.ts';
import { zone } from './zone.ts';

/** How figures are counted in an installation. */
export interface MetricSettings {
	/** Incidents of these are outages. */
	readonly downtimeSeverities: readonly Severity[];
	/** The time zone that the insights begin with: an IANA name. */
	readonly tz: string;
}

/** What holds unless an admin chooses. */
export const usualSettings: MetricSettings = { downtimeSeverities: ['SEV1', 'SEV2'], tz: 'UTC' };

const downtimeSeverities = z
	.array(z.enum(severities))
	.check(z.refine((given) => new Set(given).size === given.length, 'Each severity once.'));

/** `GET /api/v1/settings/metrics` */
export const metricSettings = z.strictObject({ downtimeSeverities, tz: zone });

/** `PATCH /api/v1/settings/metrics`, and what is kept: the others are as before. */
export const chosenSettings = z.partial(metricSettings);
export type ChosenSettings = z.infer<typeof chosenSettings>;
