import type { JsonNode } from '../../json.ts';
import { textLimits } from '../../textLimits.ts';
import { BadLine, FileFields } from '../fileFields.ts';
import type { Leftovers } from '../leftovers.ts';
import type { SourceIncident, SourceUpdate } from './historicOf.ts';

const idLength = 200;
const wordLength = 64;
const messageLength = textLimits.entry;

/** What these say follows from the rest, or is of the page and not of the incident. */
const passedOver = {
	line: [
		...['entry_id', 'published_at', 'updated_at', 'status_sequence', 'downtime_start'],
		...['downtime_end', 'duration_minutes', 'components_source', 'components_confidence'],
	],
	window: ['source', 'context'],
	statuspage: ['page_id', 'updated_at', 'monitoring_at', 'created_at'],
	update: ['id', 'incident_id', 'updated_at', 'created_at', 'display_at'],
} as const;

/** An incident of JSON lines, or of Statuspage's incidents.json: they are told apart by what they hold. */
export function readJsonIncident(node: JsonNode, left: Leftovers): SourceIncident {
	const fields = new FileFields(node, 'An incident');
	return fields.has('incident_updates') ? readOfStatuspage(fields, left) : readLine(fields, left);
}

/** `{id, title, url, started_at, resolved_at, impact_window, impact, components, updates}` */
function readLine(fields: FileFields, left: Leftovers): SourceIncident {
	const updates = (fields.list('updates') ?? []).map((one) => readUpdate(one, 'message', left));
	const said = {
		line: fields.line,
		id: idIn(fields),
		title: fields.needed(fields.text('title', textLimits.title), 'title'),
		url: wordIn(fields, 'url', textLimits.url),
		impact: wordIn(fields, 'impact', wordLength),
		kind: wordIn(fields, 'kind', wordLength),
		status: wordIn(fields, 'status', wordLength) ?? lastStatus(updates),
		startedAt: fields.instant('started_at'),
		resolvedAt: fields.instant('resolved_at'),
		window: readWindow(fields.node('impact_window'), left),
		services: namesIn(fields, 'components'),
		updates,
		names: { title: 'title', impact: 'impact', kind: 'kind' },
	};
	passedOver.line.forEach((name) => fields.node(name));
	left.add('', fields);
	return said;
}

/** https://metastatuspage.com/api: an incident with its `incident_updates`. */
function readOfStatuspage(fields: FileFields, left: Leftovers): SourceIncident {
	const updates = (fields.list('incident_updates') ?? []).map((one) =>
		readUpdate(one, 'body', left),
	);
	const said = {
		line: fields.line,
		id: idIn(fields),
		title: fields.needed(fields.text('name', textLimits.title), 'name'),
		url: wordIn(fields, 'shortlink', textLimits.url),
		impact: wordIn(fields, 'impact', wordLength),
		kind: null,
		status: wordIn(fields, 'status', wordLength) ?? lastStatus(updates),
		startedAt: fields.instant('started_at') ?? fields.instant('created_at'),
		resolvedAt: fields.instant('resolved_at'),
		window: { from: null, to: null },
		services: namesIn(fields, 'components'),
		updates,
		names: { title: 'name', impact: 'impact', kind: 'kind' },
	};
	passedOver.statuspage.forEach((name) => fields.node(name));
	left.add('', fields);
	return said;
}

function readUpdate(node: JsonNode, message: 'message' | 'body', left: Leftovers): SourceUpdate {
	const fields = new FileFields(node, 'An update');
	const at =
		message === 'message'
			? fields.needed(fields.instant('at'), 'at')
			: fields.needed(fields.instant('display_at') ?? fields.instant('created_at'), 'created_at');
	const said = {
		line: fields.line,
		at,
		status: wordIn(fields, 'status', wordLength),
		message: wordIn(fields, message, messageLength),
	};
	passedOver.update.forEach((name) => fields.node(name));
	left.add('updates.', fields);
	return said;
}

function readWindow(node: JsonNode | null, left: Leftovers): SourceIncident['window'] {
	if (node === null) return { from: null, to: null };
	const fields = new FileFields(node, '“impact_window”');
	const window = { from: fields.instant('start_at'), to: fields.instant('end_at') };
	passedOver.window.forEach((name) => fields.node(name));
	left.add('impact_window.', fields);
	return window;
}

/** The status of what was said last. */
function lastStatus(updates: readonly SourceUpdate[]): string | null {
	return updates.toSorted((a, b) => a.at - b.at).at(-1)?.status ?? null;
}

/** Ids may be numbers. */
function idIn(fields: FileFields): string {
	const node = fields.node('id');
	if (node?.kind === 'number' && Number.isSafeInteger(node.value)) return String(node.value);
	return fields.needed(fields.text('id', idLength), 'id').trim();
}

/** A text as it stands; one without anything in it says nothing. */
function wordIn(fields: FileFields, name: string, max: number): string | null {
	const node = fields.node(name);
	if (node?.kind === 'string' && node.value.trim() === '') return null;
	return fields.text(name, max);
}

/** Names, or things that have names. */
function namesIn(fields: FileFields, list: string): readonly string[] {
	return (fields.list(list) ?? []).map((node) => {
		if (node.kind === 'string') return node.value;
		const name = node.kind === 'object' ? node.fields.get('name')?.node : undefined;
		if (name?.kind === 'string') return name.value;
		throw new BadLine(node.line, `“${list}” must be a list of names.`, list);
	});
}
