import * as Y from 'yjs';
import { isUlid, type EntryId, type FindingId } from '../ids.ts';
import { findingsOf } from '../incident/document.ts';
import { textOf } from '../incident/entries.ts';
import { compare } from '../incident/tasks.ts';
import {
	evidenceKey,
	evidenceOf,
	findingKinds,
	isCause,
	isCauseKey,
	type Evidence,
	type FindingKind,
} from './flags.ts';

/** What contributed to an incident, or was learnt from it. */
export interface Finding {
	readonly id: FindingId;
	readonly kind: FindingKind;
	readonly text: string;
	/** Sorted by name. */
	readonly causes: readonly string[];
	/** The lines of the timeline that show it. */
	readonly entries: readonly EntryId[];
	/** The moments of the replay that show it, epoch ms. */
	readonly moments: readonly number[];
	/** A fractional index: findings sort by (`order`, `id`). */
	readonly order: string;
}

/** Adds a finding under a fresh id, whole, in one transaction; `order` from `orderBetween`. */
export function writeFinding(
	doc: Y.Doc,
	id: FindingId,
	finding: Pick<Finding, 'kind' | 'text' | 'order'>,
): void {
	const fields = new Y.Map<unknown>();
	fields.set('kind', finding.kind);
	fields.set('text', new Y.Text(finding.text));
	fields.set('order', finding.order);
	doc.transact(() => findingsOf(doc).set(id, fields));
}

/** Moves a finding among the others of its kind. */
export function moveFinding(doc: Y.Doc, id: FindingId, order: string): void {
	fieldsOf(doc, id)?.set('order', order);
}

/** Names a cause of a finding, under a fresh ULID. */
export function addCause(doc: Y.Doc, id: FindingId, cause: { ulid: string; name: string }): void {
	fieldsOf(doc, id)?.set(`cause:${cause.ulid}`, cause.name);
}

/** Takes a cause away from a finding, however often it was named. */
export function dropCause(doc: Y.Doc, id: FindingId, name: string): void {
	const fields = fieldsOf(doc, id);
	if (!fields) return;
	doc.transact(() => {
		for (const [key, value] of [...fields]) {
			if (isCauseKey(key) && value === name) fields.delete(key);
		}
	});
}

/** Adds or takes away what shows a finding. */
export function flagEvidence(
	doc: Y.Doc,
	id: FindingId,
	{ evidence, isOn }: { readonly evidence: Evidence; readonly isOn: boolean },
): void {
	const fields = fieldsOf(doc, id);
	if (isOn) fields?.set(evidenceKey(evidence), true);
	else fields?.delete(evidenceKey(evidence));
}

/** Takes a finding away. */
export function deleteFinding(doc: Y.Doc, id: FindingId): void {
	findingsOf(doc).delete(id);
}

/** A finding's shared text, or null if there is no such finding. */
export function findingText(doc: Y.Doc, id: FindingId): Y.Text | null {
	const text = fieldsOf(doc, id)?.get('text');
	return text instanceof Y.Text ? text : null;
}

/** The findings of a document in their order. Odd ones get defaults or are left out; it never throws. */
export function readFindings(doc: Y.Doc): readonly Finding[] {
	const findings: Finding[] = [];
	for (const [id, fields] of findingsOf(doc)) {
		if (isUlid(id) && fields instanceof Y.Map) findings.push(readOne(id as FindingId, fields));
	}
	return findings.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
}

function fieldsOf(doc: Y.Doc, id: FindingId): Y.Map<unknown> | null {
	const fields = findingsOf(doc).get(id);
	return fields instanceof Y.Map ? fields : null;
}

function readOne(id: FindingId, fields: Y.Map<unknown>): Finding {
	const order = fields.get('order');
	const shown = [...fields].flatMap(([key, isOn]) =>
		isOn === true ? (evidenceOf(key) ?? []) : [],
	);
	const causes = [...fields].flatMap(([key, name]) =>
		isCauseKey(key) && isCause(name) ? name : [],
	);
	return {
		id,
		kind: findingKinds.find((kind) => kind === fields.get('kind')) ?? 'factor',
		text: textOf(fields.get('text')),
		causes: [...new Set(causes)].sort(compare),
		entries: shown.flatMap((one) => (one.kind === 'entry' ? one.entry : [])).sort(compare),
		moments: shown.flatMap((one) => (one.kind === 'moment' ? one.at : [])).sort((a, b) => a - b),
		order: typeof order === 'string' && /^[0-9A-Za-z]{1,1000}$/.test(order) ? order : '',
	};
}
