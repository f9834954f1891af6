import type { Sql } from 'postgres';
import { expect } from 'vitest';
import type { Severity } from '#core/incident/lifecycle.ts';
import type { MetricIncidentsAnswer, MetricsAnswer } from '#core/review/metrics/answer.ts';
import type { TestApi } from './api.ts';
import { until } from './until.ts';

/** What is known of a past incident: times in ISO 8601, `alert` of an entry of that kind. */
export interface Past {
	readonly title?: string;
	readonly severity?: Severity;
	readonly declared?: string;
	readonly resolved?: string;
	readonly impactStarted?: string;
	readonly impactEnded?: string;
	readonly detected?: string;
	readonly acknowledged?: string;
	readonly mitigated?: string;
	readonly alert?: string;
	readonly isClosed?: boolean;
	/** It is cancelled again. */
	readonly isCancelled?: boolean;
}

/** A Muster whose figures a test asks for, and its store. */
export interface Counting {
	readonly api: TestApi;
	readonly sql: Sql;
}

/** Writes past incidents down through the API, and waits until figures know them; gives their ids. */
export async function writeDown(counting: Counting, pasts: readonly Past[]): Promise<string[]> {
	const ids: string[] = [];
	for (const past of pasts) ids.push(await writeOne(counting.api, past));
	await untilCounted(counting);
	return ids;
}

/** Waits until everything that was written is in the figures. */
export async function untilCounted({ sql }: Pick<Counting, 'sql'>): Promise<void> {
	await until('figures know all', async () => {
		const behind = await sql`
			select from documents d left join projected_incidents p using (incident)
			where d.kind = 'room' and d.turn > coalesce(p.upto_turn, 0)`;
		return behind.length === 0;
	});
}

async function writeOne(api: TestApi, past: Past): Promise<string> {
	const { title = 'checkout was down', alert, ...times } = past;
	const milestones = {
		impact_started_at: times.impactStarted,
		detected_at: times.detected,
		declared_at: times.declared,
		acknowledged_at: times.acknowledged,
		mitigated_at: times.mitigated,
		resolved_at: times.resolved,
		impact_ended_at: times.impactEnded,
	};
	const entries = alert ? [{ at: alert, kind: 'alert', text: 'checkout is slow' }] : [];
	const body = { title, milestones, entries };
	const { status, body: answer, text } = await api.ask('POST /imports/timeline', { body });
	if (status !== 201) throw new Error(`Not written down: ${text}`);
	const { id } = answer as { id: string };
	const { severity, isClosed, isCancelled } = past;
	if (severity) await command(api, id, { type: 'setSeverity', severity });
	if (isClosed) await command(api, id, { type: 'close' });
	if (isCancelled) await command(api, id, { type: 'setStatus', status: 'cancelled' });
	return id;
}

/** Commands something of an incident; a refusal fails the test. */
export async function command(api: TestApi, id: string, body: object): Promise<void> {
	const { status, text } = await api.ask(`POST /incidents/${id}/commands`, { body });
	expect(status, text).toBeLessThan(300);
}

/** The figures that somebody asks for. */
export async function metrics(api: TestApi, query: string): Promise<MetricsAnswer> {
	const { status, body, text } = await api.ask(`GET /metrics?${query}`);
	expect(status, text).toBe(200);
	return body as MetricsAnswer;
}

/** The incidents behind a figure. */
export async function behind(api: TestApi, query: string): Promise<MetricIncidentsAnswer> {
	const { status, body, text } = await api.ask(`GET /metrics/incidents?${query}`);
	expect(status, text).toBe(200);
	return body as MetricIncidentsAnswer;
}
