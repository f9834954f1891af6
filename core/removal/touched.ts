import * as Y from 'yjs';

/** What a transaction brought into shared texts or took out of them, by text. */
export function touchedBy(transaction: Y.Transaction): ReadonlyMap<Y.Text, readonly Y.Item[]> {
	const touched = new Map<Y.Text, Y.Item[]>();
	const note = (struct: Y.Item | Y.GC): void => {
		if (!(struct instanceof Y.Item) || !(struct.parent instanceof Y.Text)) return;
		const items = touched.get(struct.parent) ?? [];
		items.push(struct);
		touched.set(struct.parent, items);
	};
	const { store } = transaction.doc;
	for (const [client, end] of transaction.afterState) {
		const begin = transaction.beforeState.get(client) ?? 0;
		const structs = store.clients.get(client) ?? [];
		if (begin >= end) continue;
		for (let i = Y.findIndexSS(structs, begin); i < structs.length; i++) {
			const struct = structs[i];
			if (struct) note(struct);
		}
	}
	Y.iterateDeletedStructs(transaction, transaction.deleteSet, note);
	return touched;
}
