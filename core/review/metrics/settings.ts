import * as z from 'zod/mini';
import { severities, type Severity } from '../../incident/lifecycle.ts';
import { zone } from './zone.ts';

/** Which severities are downtime unless an admin chooses. */
export const usualDowntime: readonly Severity[] = ['SEV1', 'SEV2'];

/** The time zone that the insights begin with unless an admin chooses. */
export const usualZone = 'UTC';

export const downtimeSeverities = z
	.array(z.enum(severities))
	.check(z.refine((given) => new Set(given).size === given.length, 'Each severity once.'));

/** `GET /api/v1/settings/metrics` */
export const metricSettings = z.strictObject({ downtimeSeverities, tz: zone });
export type MetricSettings = z.infer<typeof metricSettings>;

/** `PATCH /api/v1/settings/metrics`: what is not named stays. */
export const chosenSettings = z.partial(metricSettings);
export type ChosenSettings = z.infer<typeof chosenSettings>;
