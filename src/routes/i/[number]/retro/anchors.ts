import type { EditorState } from '@tiptap/pm/state';
import {
	absolutePositionToRelativePosition,
	relativePositionToAbsolutePosition,
	ySyncPluginKey,
} from '@tiptap/y-tiptap';
import * as Y from 'yjs';
import { textLimits } from '#core/textLimits.ts';
import type { Anchor } from '#core/retro/facts.ts';

/** A stretch of an editor's text, in its positions. */
export interface Stretch {
	readonly from: number;
	readonly to: number;
}

type Mapping = Parameters<typeof absolutePositionToRelativePosition>[2];

interface Synced {
	readonly type: Y.XmlFragment;
	readonly doc: Y.Doc;
	readonly binding: { readonly mapping: Mapping } | null;
}

/** The stretch that is selected, held fast in the shared text whatever is written around it; null if nothing is. */
export function anchorOf(state: EditorState): Anchor | null {
	const { from, to, empty } = state.selection;
	const synced = ySyncPluginKey.getState(state) as Synced | undefined;
	if (empty || !synced?.binding) return null;
	const { doc, type, binding } = synced;
	const placeAt = (at: number) =>
		absolutePositionToRelativePosition(at, type, binding.mapping) as Y.RelativePosition;
	const quote = state.doc.textBetween(from, to, ' ', ' ').slice(0, textLimits.quote);
	return {
		start: written(beforeLetter(placeAt(from), doc)),
		end: written(placeAt(to)),
		quote: quote.toWellFormed(),
	};
}

/** The binding's places stay behind the letter before them; a beginning goes with the letter after it. */
function beforeLetter(position: Y.RelativePosition, doc: Y.Doc): Y.RelativePosition {
	const place = Y.createAbsolutePositionFromRelativePosition(position, doc);
	return place ? Y.createRelativePositionFromTypeIndex(place.type, place.index) : position;
}

function written(position: Y.RelativePosition): string {
	return JSON.stringify(Y.relativePositionToJSON(position));
}

/** Where an anchor's stretch is now; null if it was deleted, or is none. */
export function stretchOf(state: EditorState, { start, end }: Anchor): Stretch | null {
	const synced = ySyncPluginKey.getState(state) as Synced | undefined;
	if (!synced?.binding) return null;
	const [from, to] = [placeOf(synced, start), placeOf(synced, end)];
	return from !== null && to !== null && from < to ? { from, to } : null;
}

function placeOf({ doc, type, binding }: Synced, held: string): number | null {
	if (!binding) return null;
	try {
		const position = Y.createRelativePositionFromJSON(JSON.parse(held));
		return relativePositionToAbsolutePosition(doc, type, position, binding.mapping);
	} catch {
		return null; // what another client wrote may be anything
	}
}
