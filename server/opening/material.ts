import * as Y from 'yjs';
import { createDocument } from '#core/incident/document.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readRetro } from '#core/retro/reading.ts';

/** What a document is made of: a checkpoint's state (Yjs V2), and the edits of each turn after it. */
export interface Material {
	readonly state: Uint8Array | null;
	readonly turns: readonly (readonly Uint8Array[])[];
}

/** Whether it makes a document; if not, where it fails: 0 is the state, 1 the first turn after it. */
export type Verdict =
	{ readonly isGood: true } | { readonly isGood: false; readonly at: number; readonly why: string };

/**
 * Makes the document of its material, changing nothing else. Throws what Yjs throws, and for edits
 * that build on something that is not there. Hears of each step before it is taken.
 */
export function makeDocument({ state, turns }: Material, onStep: (step: number) => void): Y.Doc {
	const doc = createDocument('follower');
	doc.transact(() => {
		onStep(0);
		if (state) Y.applyUpdateV2(doc, state);
		refuseHoles(doc);
		turns.forEach((updates, i) => {
			onStep(i + 1);
			for (const update of updates) Y.applyUpdate(doc, update);
			refuseHoles(doc);
		});
		onStep(turns.length + 1);
	});
	return doc;
}

function refuseHoles({ store }: Y.Doc): void {
	if (store.pendingStructs || store.pendingDs) {
		throw new Error('An edit builds on something that is missing.');
	}
}

/** Opens a document once, reads it and encodes it, as a room and its people would. */
export function tryMaterial(material: Material, onStep: (step: number) => void): Verdict {
	let at = 0;
	try {
		const doc = makeDocument(material, (step) => onStep((at = step)));
		readIncident(doc, (person) => person);
		readRetro(doc);
		Y.encodeStateAsUpdate(doc);
		doc.destroy();
		return { isGood: true };
	} catch (error) {
		return { isGood: false, at, why: error instanceof Error ? error.message : String(error) };
	}
}

/** The state (Yjs V2) of a document that can be opened, null of one that cannot. */
export function advanceMaterial(material: Material): Uint8Array | null {
	try {
		const doc = makeDocument(material, () => undefined);
		const state = Y.encodeStateAsUpdateV2(doc);
		doc.destroy();
		return state;
	} catch {
		return null; // whoever asks tries it turn by turn
	}
}
