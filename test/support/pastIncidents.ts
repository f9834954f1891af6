import type { MetricsAnswer } from '#core/review/metrics/answer.ts';
import { until } from './until.ts';

/** An incident of the past, with times as ISO 8601; what is left out was never reached, or is not known. */
export interface PastIncident {
	readonly title: string;
	readonly severity?: string;
	readonly impactStarted?: string;
	readonly detected?: string;
	readonly declared: string;
	readonly acknowledged?: string;
	readonly mitigated?: string;
	readonly resolved?: string;
	readonly impactEnded?: string;
}

/** The first quarter of 2024, with everything in it that figures can meet. */
export const quarter: readonly PastIncident[] = [
	// Seven that are well told, of 10 to 640 minutes.
	...[10, 20, 40, 80, 160, 320, 640].map((minutes, i) => {
		const declaredAt = Date.UTC(2024, 0, 3 + 11 * i, (5 * i) % 24, 10);
		const after = (more: number) => new Date(declaredAt + more * 60_000).toISOString();
		return {
			title: `checkout is down for ${minutes} minutes`,
			severity: (['SEV1', 'SEV2', 'SEV3'] as const)[i % 3] ?? 'SEV4',
			...{ impactStarted: after(-6), detected: after(-2), declared: after(0) },
			...{ acknowledged: after(3), mitigated: after(minutes / 2), resolved: after(minutes) },
			impactEnded: after(minutes),
		};
	}),
	{
		title: 'written down without its length',
		...{ severity: 'SEV2', declared: '2024-02-10T12:00:00Z', resolved: '2024-02-10T12:00:00Z' },
	},
	{
		title: 'with its times the wrong way round',
		...{ severity: 'SEV4', declared: '2024-03-05T09:00:00Z', resolved: '2024-03-05T08:00:00Z' },
	},
	{ title: 'still open', declared: '2024-03-20T22:30:00Z' },
];

/** Somebody who may declare incidents. */
interface Asker {
	ask(name: 'ada', route: `${'GET' | 'POST'} /${string}`, body?: object): Promise<unknown>;
}

/** Writes down incidents of the past; when it is done they are counted. */
export async function writeDown(house: Asker, incidents: readonly PastIncident[]): Promise<void> {
	for (const incident of incidents) await writeOne(house, incident);
	const rated = incidents.filter(({ severity }) => severity !== undefined).length;
	await until('all are counted, with their severities', async () => {
		const answer = await house.ask('ada', 'GET /metrics?from=all&measures=ttrResolve');
		const { total } = answer as MetricsAnswer;
		const areThere = total.incidents >= incidents.length;
		return areThere && total.incidents - total.bySeverity.none >= rated;
	});
}

async function writeOne(house: Asker, { title, severity, ...times }: PastIncident): Promise<void> {
	const milestones = Object.fromEntries(
		Object.entries(times).map(([name, at]) => [fieldOf(name), at]),
	);
	const file = { title, milestones, entries: [{ at: times.declared, text: 'Declared' }] };
	const { number } = (await house.ask('ada', 'POST /imports/timeline', file)) as {
		number: number;
	};
	if (severity !== undefined) {
		const command = { type: 'setSeverity', severity };
		await house.ask('ada', `POST /incidents/${number}/commands`, command);
	}
}

/** As a timeline file calls it: `impactStarted` is `impact_started_at`. */
function fieldOf(milestone: string): string {
	return `${milestone.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_at`;
}
