import type * as Y from 'yjs';
import { reportOf } from '../incident/document.ts';
import { readBlocks, type Block } from '../incident/notes.ts';
import { readFacts } from '../incident/record.ts';
import { writtenIn } from './approvals.ts';
import { readFindings, type Finding } from './findings.ts';
import { foldRetro, type RetroState } from './state.ts';

/** A retrospective as plain data: what its page shows, the API answers, the persister projects. */
export interface Retro extends RetroState {
	readonly report: readonly Block[];
	/** Contributing factors and lessons, in their order. */
	readonly findings: readonly Finding[];
	/** How much was ever written in it: an approval of less is of an earlier text. */
	readonly written: number;
}

/** A retrospective's document as plain data. People stand in it by their ids. It never throws on odd content. */
export function readRetro(doc: Y.Doc): Retro {
	return {
		...foldRetro(readFacts(doc)),
		report: readBlocks(reportOf(doc)),
		findings: readFindings(doc),
		written: writtenIn(doc),
	};
}

/**
 * A retrospective as it was when a version was published, given its document after that turn: what was decided
 * later in the same turn is left out. Null if the version is not published in it.
 */
export function readPublished(doc: Y.Doc, version: number): Retro | null {
	const facts = readFacts(doc);
	const end = facts.findIndex((fact) => fact.kind === 'published' && fact.version === version);
	return end < 0 ? null : { ...readRetro(doc), ...foldRetro(facts.slice(0, end + 1)) };
}
