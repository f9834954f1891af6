import type * as Y from 'yjs';
import { recordOf } from '#core/incident/document.ts';
import { removalsIn } from '#core/removal/forget.ts';

/** Hears, after the change that did it, whenever something was removed for good. Gives what ends it. */
export function onRemoval(doc: Y.Doc, heard: () => void): () => void {
	let known = removalsIn(doc);
	const record = recordOf(doc);
	function look(): void {
		const now = removalsIn(doc);
		if (now > known) queueMicrotask(heard);
		known = now;
	}
	record.observe(look);
	return () => record.unobserve(look);
}
