import * as Y from 'yjs';
import { roots } from '#core/incident/document.ts';

/** Everything that a document holds, as plain data in one order, with the marks of its texts. */
export function contentOf(doc: Y.Doc): unknown {
	return Object.fromEntries(
		Object.entries(roots).map(([name, type]) => {
			if (type === 'array') return [name, plain(doc.getArray(name))];
			if (type === 'map') return [name, plain(doc.getMap(name))];
			return [name, plain(type === 'text' ? doc.getText(name) : doc.getXmlFragment(name))];
		}),
	);
}

function plain(value: unknown): unknown {
	if (value instanceof Y.XmlText || value instanceof Y.Text) return spansOf(value);
	if (value instanceof Y.XmlElement) {
		const { nodeName } = value;
		return { nodeName, attributes: sorted(value.getAttributes()), inside: childrenOf(value) };
	}
	if (value instanceof Y.XmlFragment) return childrenOf(value);
	if (value instanceof Y.Array) return value.toArray().map(plain);
	if (value instanceof Y.Map) {
		const fields = Array.from(value.entries(), ([key, field]) => [key, plain(field)] as const);
		return sorted(Object.fromEntries(fields));
	}
	return value;
}

function childrenOf(parent: Y.XmlFragment): unknown[] {
	return parent.toArray().map(plain);
}

/** Yjs ends a span at every mark that it finds, also at one that changes nothing. */
function spansOf(text: Y.Text): [text: string, marks: string][] {
	const spans: [string, string][] = [];
	for (const { insert, attributes } of text.toDelta() as Delta[]) {
		const marks = JSON.stringify(sorted(attributes ?? {}));
		const words = typeof insert === 'string' ? insert : JSON.stringify(plain(insert));
		const last = spans.at(-1);
		if (last?.[1] === marks) last[0] += words;
		else spans.push([words, marks]);
	}
	return spans;
}

interface Delta {
	readonly insert: unknown;
	readonly attributes?: Record<string, unknown>;
}

function sorted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
