import * as Y from 'yjs';
import { recordOf } from '../incident/document.ts';

/** How often something was removed for good, as a document's record says. */
export function removalsIn(doc: Y.Doc): number {
	return recordOf(doc).toArray().filter(isRemoval).length;
}

function isRemoval(item: unknown): boolean {
	return typeof item === 'object' && item !== null && 'kind' in item && item.kind === 'removed';
}

/** Throws away what was deleted in a document and is still kept to be undone; who could undo it must have forgotten it. */
export function forgetDeleted(doc: Y.Doc): void {
	for (const structs of doc.store.clients.values()) {
		for (const struct of structs)
			if (struct instanceof Y.Item && struct.deleted) struct.keep = false;
	}
	Y.tryGc(Y.createDeleteSetFromStructStore(doc.store), doc.store, () => true);
}
