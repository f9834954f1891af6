import * as z from 'zod/mini';
import { severities, type Severity } from '../../incident/lifecycle.ts';

/** Which severities are downtime unless an admin chooses. */
export const usualDowntime: readonly Severity[] = ['SEV1', 'SEV2'];

/** `PUT /api/v1/settings/metrics` */
export const metricSettings = z.strictObject({
	downtimeSeverities: z
		.array(z.enum(severities))
		.check(z.refine((given) => new Set(given).size === given.length, 'Each severity once.')),
});
export type MetricSettings = z.infer<typeof metricSettings>;
