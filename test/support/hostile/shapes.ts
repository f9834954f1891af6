import * as Y from 'yjs';
import { entriesOf, impactOf, notesOf, recordOf, tasksOf } from '#core/incident/document.ts';
import { forge } from '../forged.ts';
import { change, firstOf, nextOf, update, type HostileCases, type Scene } from './hostile.ts';

const freshKey = '01KAV000000000000000000001';

/** An update that changes fields of ada's entry. */
function field(name: string, value: unknown) {
	return change((doc, { entry }) => mapIn(entriesOf(doc), entry).set(name, value));
}

/** An update that changes fields of ada's task. */
function taskField(name: string, value: unknown) {
	return change((doc, { task }) => mapIn(tasksOf(doc), task).set(name, value));
}

/** An update of the first paragraph of the notes. */
function paragraph(make: (paragraph: Y.XmlElement, line: Y.XmlText) => void) {
	return change((doc) => {
		const [first] = notesOf(doc).toArray();
		if (!(first instanceof Y.XmlElement)) throw new Error('The notes have no paragraph.');
		const line = first.get(0);
		if (line instanceof Y.XmlText) make(first, line);
	});
}

function mapIn(root: Y.Map<unknown>, key: string): Y.Map<unknown> {
	const value = root.get(key);
	if (!(value instanceof Y.Map)) throw new Error(`There is no map under ${key}.`);
	return value;
}

function insertNode(make: () => Y.XmlElement | Y.XmlText) {
	return change((doc) => notesOf(doc).insert(0, [make()]));
}

function nested(levels: number): Y.XmlElement {
	const top = new Y.XmlElement('blockquote');
	let inner = top;
	for (let i = 1; i < levels; i++) {
		const next = new Y.XmlElement('blockquote');
		inner.insert(0, [next]);
		inner = next;
	}
	return top;
}

function newEntry(scene: Scene, key: string, content: Y.Item['content']): Uint8Array {
	const { client, clock } = nextOf(scene);
	return forge({ client, clock, parent: 'entries', key, content });
}

const script = { href: 'javascript:alert(1)' };

/** Well-formed updates of what has no place in an incident's document. */
export const oddShapes: HostileCases = {
	'a root that is not ours': change((doc) => doc.getMap('evil').set('a', 1)),
	'a root named __proto__': change((doc) => doc.getMap('__proto__').set('a', 1)),
	'a root without a name': change((doc) => doc.getMap('').set('a', 1)),
	'a fact': change((doc) => recordOf(doc).push([{ kind: 'status', id: 'f', status: 'resolved' }])),
	'a fact before all others': change((doc) => recordOf(doc).insert(0, [{ kind: 'severity' }])),
	'a fact that is deleted': change((doc) => recordOf(doc).delete(0, 1)),
	'a key in the record': change((doc) => doc.getMap('record').set('status', 'resolved')),
	'an entry under a key that is no id': change((doc) => entriesOf(doc).set('first', new Y.Map())),
	'an entry under the key __proto__': change((doc) => entriesOf(doc).set('__proto__', new Y.Map())),
	'an entry that is a text': change((doc) => entriesOf(doc).set(freshKey, 'down')),
	'an entry that is a list': change((doc) => entriesOf(doc).set(freshKey, new Y.Array())),
	'an entry that is replaced': change((doc, { entry }) => entriesOf(doc).set(entry, new Y.Map())),
	'an entry that is created anew': update((scene) =>
		newEntry(scene, scene.entry, new Y.ContentType(new Y.Map())),
	),
	'an entry that is removed': change((doc, { entry }) => entriesOf(doc).delete(entry)),
	'an entry that was removed before it came': update((scene) =>
		newEntry(scene, freshKey, new Y.ContentDeleted(1)),
	),
	'an entry’s text that is replaced': field('text', new Y.Text('mine')),
	'an entry’s text that is removed': change((doc, { entry }) =>
		mapIn(entriesOf(doc), entry).delete('text'),
	),
	'an entry with a field of its own': field('colour', 'red'),
	'an entry with the field __proto__': field('__proto__', { isAdmin: true }),
	'an entry of a kind that is a number': field('kind', 5),
	'an entry of a kind that is bytes': field('kind', Uint8Array.of(1)),
	'an entry of a kind that is undefined': field('kind', undefined),
	'an entry of a kind that is a document of its own': field('kind', new Y.Doc()),
	'an entry of a kind as long as a book': field('kind', 'x'.repeat(100_000)),
	'an entry at NaN': field('occurredAt', NaN),
	'an entry at Infinity': field('occurredAt', Infinity),
	'an entry at a BigInt': field('occurredAt', 10n ** 18n),
	'an entry beyond all dates': field('occurredAt', 9e15),
	'an entry at an object': field('occurredAt', { valueOf: 1 }),
	'a task that is done perhaps': taskField('done', 'perhaps'),
	'a task of an object': taskField('assignee', { id: 'ada' }),
	'a task of nobody known as a person': taskField('assignee', '../ada'),
	'a task at no place in the order': taskField('order', ''),
	'a script in the notes': insertNode(() => new Y.XmlElement('script')),
	'an image in the notes': insertNode(() => new Y.XmlElement('img')),
	'a text without a paragraph': insertNode(() => new Y.XmlText('loose')),
	'a hook in the notes': insertNode(() => new Y.XmlHook('hook') as unknown as Y.XmlElement),
	'a map in the notes': change((doc) => doc.getArray('notes').insert(0, [new Y.Map()])),
	'notes nested seven hundred deep': insertNode(() => nested(700)),
	'an attribute that is a script': paragraph((node) => node.setAttribute('onclick', 'alert(1)')),
	'a heading of level seven': insertNode(() => {
		const heading = new Y.XmlElement('heading');
		heading.setAttribute('level', 7 as never);
		return heading;
	}),
	'a link that is a script': paragraph((_, line) => line.format(0, 3, { link: script })),
	'a link with attributes of its own': paragraph((_, line) =>
		line.format(0, 3, { link: { href: 'https://a.example', onclick: 'alert(1)' } }),
	),
	'a mark that nobody knows': paragraph((_, line) => line.format(0, 3, { colour: 'red' })),
	'a mark with attributes': paragraph((_, line) => line.format(0, 3, { bold: { onclick: '1' } })),
	'something embedded in the notes': paragraph((_, line) => line.insertEmbed(0, { image: 'x' })),
	'a mark in a plain text': change((doc) => impactOf(doc).format(0, 3, { bold: true })),
	'something embedded in a plain text': change((doc) => impactOf(doc).insertEmbed(0, { a: 1 })),
	'a key in a plain text': change((doc) => doc.getMap('impact').set('a', 1)),
	'a number in a plain text': change((doc) => doc.getArray('theory').push([1])),
	'a list item in a map': change((doc) => doc.getArray('tasks').push([1])),
	'values of an old version': update((scene) => {
		const { client, clock } = nextOf(scene);
		const right = firstOf(scene, 'impact');
		return forge({ client, clock, right, parent: 'impact', content: new Y.ContentJSON([1]) });
	}),
};
