import type * as Y from 'yjs';
import type { IncidentId } from '#core/ids.ts';
import { approvedBy } from '#core/retro/approvals.ts';
import { readRetro, type Retro } from '#core/retro/reading.ts';
import type { RetroProjection } from '#server/storage/retros.ts';
import { storableId, storableInstant, storableText } from './storable.ts';

/**
 * What lists and metrics want of a retrospective's document after one turn (`at` in epoch ms), and of its last
 * published version, if there is one. Never throws on odd content.
 */
export function projectRetro(
	incident: IncidentId,
	{ doc, published }: { readonly doc: Y.Doc; readonly published: Retro | null },
	upto: { readonly turn: number; readonly at: number; readonly removals: number },
): RetroProjection {
	const retro = readRetro(doc);
	const approved = approvedBy(retro.approvals, retro.written);
	const last = retro.versions.at(-1);
	return {
		incident,
		uptoTurn: upto.turn,
		uptoAt: storableInstant(upto.at),
		removals: upto.removals,
		retro: {
			stage: retro.stage,
			begunAt: storableInstant(retro.begunAt ?? upto.at),
			owner: storableId(retro.owner),
			dueAt: storableInstant(retro.due),
			reviewers: retro.reviewers.flatMap((person) => storableId(person) ?? []),
			approved: approved.flatMap((person) => storableId(person) ?? []),
			version: last?.version ?? 0,
			publishedAt: storableInstant(last?.at),
			findings: findingRows(published?.findings ?? []),
			causes: causesOf(published?.findings ?? []),
		},
	};
}

function findingRows(findings: Retro['findings']): RetroProjection['retro']['findings'] {
	return findings
		.filter(({ text }) => text.trim() !== '')
		.map(({ id, kind, text }, position) => ({ id, kind, text: storableText(text), position }));
}

/** The causes that its factors name, each once. */
function causesOf(findings: Retro['findings']): readonly string[] {
	const named = findings.filter(({ kind }) => kind === 'factor').flatMap(({ causes }) => causes);
	return [...new Set(named)].map((cause) => storableText(cause)).sort();
}
