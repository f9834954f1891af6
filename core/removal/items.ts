import * as Y from 'yjs';
import type { Span } from './spans.ts';

/** All maps that ever stood under a key. */
export function fieldsOf(home: Y.Map<unknown>, key: string): Y.Map<unknown>[] {
	return valuesUnder([home], key).flatMap(({ content }) =>
		content instanceof Y.ContentType && content.type instanceof Y.Map ? [content.type] : [],
	);
}

/** All that ever stood under a key, the newest first. */
export function valuesUnder(maps: readonly Y.Map<unknown>[], key: string): Y.Item[] {
	return maps.flatMap((map) => {
		const items: Y.Item[] = [];
		for (let item = map._map.get(key) ?? null; item; item = item.left) items.push(item);
		return items;
	});
}

/** Everything that was ever typed into a text. */
export function charactersOf(text: Y.Text): Span[] {
	const spans: Span[] = [];
	for (let item = text._start; item; item = item.right) {
		if (item.content instanceof Y.ContentString) spans.push({ ...item.id, length: item.length });
	}
	return spans;
}

/** What stands under a clock of a client, if it was not thrown away. */
export function itemAt({ store }: Y.Doc, client: number, clock: number): Y.Item | null {
	if (clock >= Y.getState(store, client)) return null;
	const structs = store.clients.get(client) ?? [];
	const struct = structs[Y.findIndexSS(structs, clock)];
	return struct instanceof Y.Item ? struct : null;
}

/** The item whose type this one stands in; null in a root. */
export function homeOf({ parent }: Y.Item): Y.Item | null {
	return parent instanceof Y.AbstractType ? parent._item : null;
}

/** The root that an item stands in. */
export function rootNameOf(item: Y.Item): string | null {
	for (let at = item; ;) {
		const home = homeOf(at);
		if (home) at = home;
		else return at.parent instanceof Y.AbstractType ? Y.findRootTypeKey(at.parent) : null;
	}
}
