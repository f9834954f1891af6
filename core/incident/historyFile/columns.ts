import { readCsv } from './csv.ts';
import { columnFields, type ColumnField, type Columns } from './historic.ts';

/** Whether a file of past incidents is a table: nothing else in it begins so. */
export function isTable(text: string): boolean {
	return !/^\s*[[{]/.test(text);
}

/** The names of a table's columns; the beginning of its text is enough. */
export function headerOf(text: string): readonly string[] {
	const first = readCsv(text.replace(/^\ufeff/, '')).next();
	return first.done ? [] : first.value.cells.map((name) => name.trim());
}

/** What columns are often called, without capitals and signs, the likeliest first. */
const usualNames: Readonly<Record<ColumnField, readonly string[]>> = {
	id: ['id', 'incidentid', 'sourceid', 'key', 'number', 'incidentnumber', 'ref', 'reference'],
	title: ['title', 'name', 'summary', 'subject', 'incident', 'incidenttitle', 'shortdescription'],
	url: ['url', 'link', 'shortlink', 'permalink', 'htmlurl', 'incidenturl'],
	declared: [
		...['declaredat', 'declared', 'startedat', 'started', 'starttime', 'start', 'createdat'],
		...['created', 'openedat', 'opened', 'beganat', 'reportedat'],
	],
	resolved: [
		...['resolvedat', 'resolved', 'resolvedtime', 'endedat', 'ended', 'endtime', 'end'],
		...['closedat', 'closed'],
	],
	impactStarted: ['impactstartedat', 'impactstarted', 'impactstart', 'downtimestart'],
	impactEnded: ['impactendedat', 'impactended', 'impactend', 'downtimeend'],
	severity: ['severity', 'sev', 'impact', 'priority', 'severitylevel', 'incidentseverity'],
	kind: ['kind', 'incidentkind'],
	services: [
		...['services', 'service', 'components', 'component', 'affectedservices'],
		...['affectedcomponents', 'affected', 'impactedservices'],
	],
};

/**
 * Which column says what: as given (`''` is none), else by its usual names, of which a column is guessed
 * once at most.
 */
export function guessColumns(header: readonly string[], given: Columns): Columns {
	const taken = new Set<string>(Object.values(given));
	const columns: Partial<Record<ColumnField, string>> = { ...given };
	for (const field of columnFields) {
		if (columns[field] !== undefined) continue;
		const found = usualNames[field]
			.map((name) => header.find((column) => plain(column) === name && !taken.has(column)))
			.find((column) => column !== undefined);
		if (found === undefined) continue;
		columns[field] = found;
		taken.add(found);
	}
	return Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== ''));
}

function plain(name: string): string {
	return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
