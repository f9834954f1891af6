import fc from 'fast-check';
import * as Y from 'yjs';
import { createDocument, entriesOf, notesOf, recordOf, tasksOf } from '#core/incident/document.ts';
import { milestones, severities, statuses } from '#core/incident/lifecycle.ts';
import { roles } from '#core/incident/roles.ts';

/** Values that JSON, Yjs and people's programs put where something else belongs. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
	fc.constantFrom(null, true, -0, NaN, Infinity, 1e309, 2 ** 53, 8.64e15, -8.64e15),
	fc.constantFrom('', '\0', '\ud800', '__proto__', 'x'.repeat(1_000), 10n ** 18n),
	fc.integer(),
	fc.double(),
	fc.string({ unit: 'binary', maxLength: 8 }),
	fc.uint8Array({ maxLength: 4 }),
	fc.constantFrom(
		{ toString: 1, valueOf: 'x', deep: { toString: 1, valueOf: 1 } },
		{ href: 'javascript:1' },
		{ href: 'https://a' },
		[],
	),
	fc.array(fc.integer(), { maxLength: 3 }),
);

const shape = fc.constantFrom('map', 'array', 'text', 'xmlText', 'element', 'fragment', 'hook');
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function sharedType(kind: Shape, value: unknown): unknown {
	switch (kind) {
		case 'map':
			return new Y.Map([['kind', value]]);
		case 'array':
			return arrayOf(value);
		case 'text':
			return new Y.Text('plain');
		case 'xmlText': {
			const text = new Y.XmlText();
			text.insert(0, 'rich', { bold: value as object, link: value as object });
			text.insertEmbed(0, { image: 'x' });
			return text;
		}
		case 'element': {
			const element = new Y.XmlElement('heading');
			element.setAttribute('level', value as string);
			element.insert(0, [new Y.XmlText('a'), new Y.XmlElement('nonsense')]);
			return element;
		}
		case 'fragment':
			return new Y.XmlFragment();
		case 'hook':
			return new Y.XmlHook('hook');
	}
}

/** Something that a map or list of a document may hold: a plain value, or a shared type with one inside. */
const content = fc.record({ kind: fc.option(shape), value: oddValue });
type Content = { kind: Shape | null; value: unknown };

function make({ kind, value }: Content): unknown {
	return kind === null ? value : sharedType(kind, value);
}

const ulid = '01KAV0000000000000000000';
const keyOf = (n: number) => (n % 5 === 0 ? `odd ${n}` : `${ulid}${String(n).padStart(2, '0')}`);
const factFields = fc.record(
	{
		kind: fc.constantFrom(
			'declared',
			'status',
			'severity',
			'role',
			'milestone',
			'link',
			'logged',
			'x',
		),
		id: fc.constantFrom('a', 'b', 1),
		by: fc.constantFrom('a', '', null),
		recordedAt: oddValue,
		occurredAt: oddValue,
		at: oddValue,
		role: fc.oneof(fc.constantFrom(...roles), oddValue),
		person: fc.constantFrom(null, '', 'p'),
		status: fc.oneof(fc.constantFrom(...statuses), oddValue),
		severity: fc.oneof(fc.constantFrom(...severities), oddValue),
		milestone: fc.oneof(fc.constantFrom(...milestones), oddValue),
		entry: oddValue,
		title: oddValue,
		url: oddValue,
	},
	{ requiredKeys: ['kind', 'id', 'by'], noNullPrototype: true },
);

export interface Odd {
	readonly record: readonly unknown[];
	readonly entries: readonly Content[];
	readonly fields: readonly (readonly [string, Content])[];
	readonly notes: readonly Content[];
	readonly listInMap: Content;
}

const fieldName = fc.constantFrom(
	...['kind', 'occurredAt', 'endedAt', 'approximate', 'actors', 'text', 'starred', 'struck'],
	...['title', 'assignee', 'done', 'due', 'order'],
);

/** What a document's roots hold: anything but what belongs there. */
export const oddContents: fc.Arbitrary<Odd> = fc.record({
	record: fc.array(fc.oneof(factFields, oddValue), { maxLength: 12 }),
	entries: fc.array(content, { maxLength: 8 }),
	fields: fc.array(fc.tuple(fieldName, content), { maxLength: 12 }),
	notes: fc.array(content, { maxLength: 6 }),
	listInMap: content,
});

/** A document that holds it. */
export function oddDocument(odd: Odd): Y.Doc {
	const doc = createDocument('follower');
	doc.transact(() => {
		const record = recordOf(doc);
		for (const item of odd.record) record.push([inList(item)]);
		for (const map of [entriesOf(doc), tasksOf(doc)]) {
			odd.entries.forEach((item, i) => map.set(keyOf(i), make(item)));
			const fields = new Y.Map<unknown>();
			for (const [name, item] of odd.fields) fields.set(name, make(item));
			map.set(keyOf(99), fields);
		}
		insertInto(notesOf(doc), odd.notes.map(make));
		// A list in a map's root and keys in a list's root, as only a hand-made update writes them.
		insertInto(entriesOf(doc), [make(odd.listInMap)]);
		insertInto(doc.getText('impact'), [make(odd.listInMap)]);
	});
	return doc;
}

const { insert } = Y.Array.prototype as unknown as { insert: (this: void) => void };

/** Inserts into any type as if it were a list: what its class forbids, an update does not. */
function insertInto(type: unknown, items: readonly unknown[]): void {
	for (const item of items) Reflect.apply(insert, type, [0, [inList(item)]]);
}

function arrayOf(value: unknown): Y.Array<unknown> {
	const array = new Y.Array<unknown>();
	array.insert(0, [inList(value)]);
	return array;
}

/** Yjs puts no bare BigInt into a list. */
function inList(value: unknown): unknown {
	return typeof value === 'bigint' ? { value } : value;
}
