import { JsonFault, parseJson, type JsonNode } from '../json.ts';
import { textLimits } from '../textLimits.ts';
import { title as titleSchema } from '../wire.ts';
import type { NewEntry } from './entries.ts';
import { badLine, FileFields } from './fileFields.ts';
import { Leftovers } from './leftovers.ts';
import type { Milestone } from './lifecycle.ts';
import { isSafeLink } from './notes.ts';

/** An entry of the file, and how the source wrote its time where that differs. */
export interface TimelineEntry {
	readonly entry: NewEntry;
	readonly source: { readonly recordedAs?: string; readonly localTime?: string };
}

/** What a timeline file says of an incident. Instants are epoch milliseconds. */
export interface TimelineFile {
	readonly title: string;
	readonly milestones: Readonly<Partial<Record<Milestone, number>>>;
	/** Addresses of the sources. */
	readonly links: readonly string[];
	/** In the file's order, which need not be the order of their times. */
	readonly entries: readonly TimelineEntry[];
	/** What could not be taken over, in sentences. */
	readonly warnings: readonly string[];
}

const milestoneFields: Readonly<Record<Milestone, string>> = {
	impactStarted: 'impact_started_at',
	detected: 'detected_at',
	declared: 'declared_at',
	acknowledged: 'acknowledged_at',
	identified: 'identified_at',
	mitigated: 'mitigated_at',
	resolved: 'resolved_at',
	closed: 'closed_at',
	impactEnded: 'impact_ended_at',
};

const kindLength = 64;

/**
 * Reads a timeline file: `{title, milestones?, source?, entries: [{at, text, kind?, actor?,
 * approximate?, ended_at?, local_time?, recorded_as?}]}`. Throws a `Refusal` that names the line of
 * the first fault. Fields that Muster does not know are no fault but a warning: nothing is guessed
 * from them (`reported_started_at` is not when the impact started), and nothing is lost silently.
 */
export function readTimelineFile(text: string): TimelineFile {
	const file = new FileFields(parsed(text), 'The file');
	const left = new Leftovers();
	const title = readTitle(file);
	const milestones = readMilestones(file.node('milestones'), left);
	const links = readLinks(file.node('source'), left);
	const items = file.needed(file.list('entries'), 'entries');
	const entries = items.map((item) => readEntry(item, left));
	const warnings = countWarnings(file.node('entry_count'), entries.length);
	file.node('id'); // names the file, not the incident
	left.add('', file);
	return { title, milestones, links, entries, warnings: [...warnings, ...left.warnings] };
}

function parsed(text: string): JsonNode {
	try {
		return parseJson(text);
	} catch (error) {
		if (error instanceof JsonFault) throw badLine(error.line, error.message);
		throw error;
	}
}

function readTitle(file: FileFields): string {
	const text = file.needed(file.text('title', textLimits.title), 'title');
	const read = titleSchema.safeParse(text);
	if (!read.success) throw badLine(file.node('title')?.line ?? file.line, '“title” is empty.');
	return read.data;
}

function readMilestones(
	node: JsonNode | null,
	left: Leftovers,
): Partial<Record<Milestone, number>> {
	if (node === null) return {};
	const fields = new FileFields(node, '“milestones”');
	const reached: Partial<Record<Milestone, number>> = {};
	for (const [milestone, name] of Object.entries(milestoneFields) as [Milestone, string][]) {
		const at = fields.instant(name);
		if (at !== null) reached[milestone] = at;
	}
	left.add('milestones.', fields);
	return reached;
}

/** The addresses in `source`: a text, or `url` and `also` of an object. The rest of it describes the file. */
function readLinks(node: JsonNode | null, left: Leftovers): string[] {
	return addressNodes(node, left).flatMap((one) => {
		if (one.kind === 'string' && isLink(one.value)) return [one.value];
		if (one.kind !== 'null') left.note('source', one.line);
		return [];
	});
}

function addressNodes(node: JsonNode | null, left: Leftovers): readonly JsonNode[] {
	if (node?.kind !== 'object') return node ? [node] : [];
	const fields = new FileFields(node, '“source”');
	const nodes = [fields.node('url'), fields.node('also')].filter((one) => one !== null);
	left.add('source.', fields);
	return nodes.flatMap((one) => (one.kind === 'list' ? one.items : [one]));
}

function isLink(url: string): boolean {
	return isSafeLink(url) && !/\s|\0/.test(url) && url.length <= textLimits.url;
}

function readEntry(node: JsonNode, left: Leftovers): TimelineEntry {
	const fields = new FileFields(node, 'An entry');
	const occurredAt = fields.needed(fields.instant('at'), 'at');
	const endedAt = fields.instant('ended_at');
	if (endedAt !== null && endedAt < occurredAt) {
		throw badLine(
			fields.node('ended_at')?.line ?? fields.line,
			'This entry ends before it begins.',
		);
	}
	const actors = fields.text('actor', textLimits.actors);
	const recordedAs = fields.text('recorded_as', textLimits.actors);
	const localTime = fields.text('local_time', textLimits.actors);
	const read = {
		entry: {
			kind: fields.text('kind', kindLength) ?? 'note',
			text: fields.needed(fields.text('text', textLimits.entry), 'text'),
			occurredAt,
			...(endedAt === null ? {} : { endedAt }),
			...(fields.flag('approximate') ? { approximate: true } : {}),
			...(actors === null ? {} : { actors }),
		},
		source: {
			...(recordedAs === null ? {} : { recordedAs }),
			...(localTime === null ? {} : { localTime }),
		},
	};
	left.add('entries.', fields);
	return read;
}

function countWarnings(node: JsonNode | null, count: number): string[] {
	if (node?.kind !== 'number' || node.value === count) return [];
	return [
		`Line ${node.line}: the file says that it has ${node.value} entries, but it has ${count}.`,
	];
}
