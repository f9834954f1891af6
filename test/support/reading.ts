import * as Y from 'yjs';

/**
 * All that a document holds, unit by unit in its order, however Yjs splits and merges it: what stands
 * in each list and under each key, what is deleted, and how far each client is. As a text to compare.
 */
export function unitsIn(doc: Y.Doc): string {
	const roots = [...doc.share].sort(([a], [b]) => (a < b ? -1 : 1));
	const units = {
		clients: [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b),
		roots: roots.map(([name, type]) => [name, unitsOf(type)]),
	};
	return JSON.stringify(units);
}

function unitsOf(type: Y.ContentType['type']): unknown {
	const keys = [...type._map.keys()].sort();
	return {
		list: chain(type._start),
		keys: keys.map((key) => [key, chain(firstOf(type._map.get(key) ?? null))]),
	};
}

function firstOf(item: Y.Item | null): Y.Item | null {
	let first = item;
	while (first?.left) first = first.left;
	return first;
}

function chain(first: Y.Item | null): unknown[] {
	const units: unknown[] = [];
	for (let item = first; item; item = item.right) {
		const { client, clock } = item.id;
		for (let i = 0; i < item.length; i++) {
			const content = item.deleted ? 'deleted' : unitOf(item.content, i);
			units.push(
				typeof content === 'string'
					? `${client}:${clock + i} ${content}`
					: [client, clock + i, content],
			);
		}
	}
	return units;
}

function unitOf(content: Y.Item['content'], i: number): unknown {
	if (content instanceof Y.ContentString) return `“${content.str[i] ?? ''}”`;
	if (content instanceof Y.ContentAny) return content.arr[i];
	if (content instanceof Y.ContentFormat) return [content.key, content.value];
	if (content instanceof Y.ContentType) {
		const name = content.type instanceof Y.XmlElement ? content.type.nodeName : '';
		return [content.type.constructor.name, name, unitsOf(content.type)];
	}
	return content.constructor.name;
}
