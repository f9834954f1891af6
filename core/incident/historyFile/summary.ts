import { kinds, severities, type Kind, type Severity } from '../lifecycle.ts';
import type { Historic } from './historic.ts';

/** What some incidents are, in numbers; `from` and `to` are the first and last instant of `declared`, epoch ms. */
export interface HistorySummary {
	readonly kinds: Readonly<Record<Kind, number>>;
	/** Of all kinds. */
	readonly severities: Readonly<Record<Severity | 'notSet', number>>;
	readonly services: number;
	readonly updates: number;
	readonly from: number | null;
	readonly to: number | null;
}

/** Counts what a file holds, for whoever decides whether to import it. */
export function summaryOf(incidents: readonly Historic[]): HistorySummary {
	const count = (is: (one: Historic) => boolean) => incidents.filter(is).length;
	const times = incidents.flatMap(({ declaredAt }) => declaredAt ?? []).sort((a, b) => a - b);
	return {
		kinds: mapAll(kinds, (kind) => count((one) => one.kind === kind)),
		severities: {
			...mapAll(severities, (severity) => count((one) => one.severity === severity)),
			notSet: count(({ severity }) => severity === null),
		},
		services: new Set(incidents.flatMap(({ services }) => services)).size,
		updates: incidents.reduce((sum, { updates }) => sum + updates.length, 0),
		from: times[0] ?? null,
		to: times.at(-1) ?? null,
	};
}

function mapAll<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
	return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}
