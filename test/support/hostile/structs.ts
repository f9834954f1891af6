import * as Y from 'yjs';
import { impactOf, recordOf, tasksOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { syncFrame } from '../client.ts';
import { forge, type Forged } from '../forged.ts';
import {
	bareCopy,
	bytesOf,
	firstOf,
	message,
	nextOf,
	times,
	update,
	type HostileCases,
	type Scene,
} from './hostile.ts';

type Parts = readonly (number | string | Uint8Array)[];

const refs = { json: 2, text: 4, mark: 6, values: 8, document: 9, skip: 10, gc: 0 } as const;
const nothingDeleted = 0;
const list = 117;

/** An update of one item in a root, as bytes that no Yjs writes. */
function raw(ref: number, ...content: Parts) {
	return update((scene) => {
		const { client, clock } = nextOf(scene);
		return bytesOf(1, 1, client, clock, ref, 1, 'impact', ...content, nothingDeleted);
	});
}

/** An update of items that no editor puts there; they are linus' own unless they say otherwise. */
function forged(make: (scene: Scene) => readonly Omit<Forged, 'client'>[], ends?: 'held') {
	return update((scene) => {
		const own = nextOf(scene);
		return forge(...make(scene).map((item, i) => ({ ...own, clock: own.clock + i, ...item })));
	}, ends);
}

/** An update that deletes a range of somebody's. */
function deletion(client: (scene: Scene) => number, clock: number, length: number) {
	return (scene: Scene) => bytesOf(0, 1, client(scene), 1, clock, length);
}

/** An update that deletes many single letters which are not there. */
function manyDeletions(count: number) {
	const ranges = times(count, (i) => bytesOf(1_000_000 + 2 * i, 1));
	return ({ ada }: Scene) => bytesOf(0, 1, ada, count, Buffer.concat(ranges));
}

const letter = () => new Y.ContentString('x');
const ofAda = ({ ada }: Scene) => ada;

/** The client id of the facts. */
function serverOf({ doc }: Scene): number {
	const [fact] = [recordOf(doc)._start];
	if (!fact) throw new Error('There is no fact.');
	return fact.id.client;
}

/** The n-th letter of the impact. */
function letterAt(scene: Scene, n: number): Y.ID {
	const { client, clock } = firstOf(scene, 'impact');
	return Y.createID(client, clock + n);
}

function nextUnder(scene: Scene, client: number): Forged {
	const clock = Y.getState(scene.doc.store, client);
	return { client, clock, right: firstOf(scene, 'impact'), content: letter() };
}

/** The id of ada's task, as a parent. */
function taskIn({ doc, task }: Scene): Y.ID {
	const fields = tasksOf(doc).get(task);
	if (!(fields instanceof Y.Map) || !fields._item) throw new Error('There is no task.');
	return fields._item.id;
}

function many(count: number, clients = 1): Forged[] {
	return times(count, (i) => ({
		client: 1_000 + (i % clients),
		clock: Math.floor(i / clients),
		parent: 'impact',
		content: letter(),
	}));
}

/** Updates that claim more than is there, or cost more than they are worth. */
export const bombs: HostileCases = {
	'a claim of two billion clients': update(() => bytesOf(2 ** 31)),
	'a claim of two billion parts': update(({ doc }) => bytesOf(1, 2 ** 31, doc.clientID, 0)),
	'a claim of two billion values': raw(refs.values, 2 ** 31),
	'a claim of two billion deletions': update(({ ada }) => bytesOf(0, 1, ada, 2 ** 31)),
	'a claim of a text of a terabyte': raw(refs.text, 2 ** 40),
	'values nested two hundred thousand deep': raw(
		refs.values,
		1,
		Uint8Array.from(times(400_000, (i) => (i % 2 === 0 ? list : 1))),
	),
	'half a million empty objects': raw(
		refs.values,
		500_000,
		Uint8Array.from(times(1_000_000, (i) => (i % 2 === 0 ? 118 : 0))),
	),
	'an attribute nested thirty thousand deep': raw(
		refs.mark,
		...['bold', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
	),
	'an attribute of a hundred kilobytes': raw(refs.mark, 'bold', `"${'x'.repeat(100_000)}"`),
	'an attribute that is no JSON': raw(refs.mark, 'bold', '{bold'),
	'more parts than anybody types': update(() => forge(...many(limits.structsPerUpdate + 1))),
	'more clients than anybody brings': update(() => forge(...many(257, 257))),
	'two hundred who all write at the same place': update((scene) =>
		forge(...many(18_000, 200).map((item) => ({ ...item, left: letterAt(scene, 0) }))),
	),
	'forty first values under one key': forged((scene) =>
		times(40, () => ({ parent: taskIn(scene), key: 'done', content: new Y.ContentAny([true]) })),
	),
	'more deletions than anybody makes': update(manyDeletions(limits.newDeletesPerUpdate + 1)),
	'more deletions than there ever are': message((scene) =>
		syncFrame('step2', manyDeletions(limits.deletesPerUpdate + 1)(scene)),
	),
	'a clock of a trillion': update(({ doc }) =>
		bytesOf(1, 1, doc.clientID, 2 ** 40, refs.gc, 1, nothingDeleted),
	),
	'a part as long as a trillion': update((scene) =>
		bytesOf(1, 1, scene.doc.clientID, nextOf(scene).clock, refs.gc, 2 ** 40, nothingDeleted),
	),
	'a deletion of a trillion': update(deletion(ofAda, 0, 2 ** 40)),
};

/** Updates that no Yjs writes, or that copies would read differently. */
export const brokenStructs: HostileCases = {
	'a part without a length': update((scene) =>
		bytesOf(1, 1, scene.doc.clientID, nextOf(scene).clock, refs.gc, 0, nothingDeleted),
	),
	'a deletion without a length': update(deletion(ofAda, 0, 0)),
	'a client id of more than 32 bits': update(() =>
		bytesOf(1, 1, 2 ** 33, 0, refs.gc, 1, nothingDeleted),
	),
	'a client that appears twice': update((scene) => {
		const { client, clock } = nextOf(scene);
		return bytesOf(2, 1, client, clock, refs.gc, 1, 1, client, clock + 1, refs.gc, 1, 0);
	}),
	'a kind of content that there is not': raw(11, 1),
	'a sub-document': raw(refs.document, 'guid', Uint8Array.of(118, 0)),
	'a text that is half a character': raw(refs.text, 3, Uint8Array.of(0xed, 0xa0, 0x80)),
	'a text with a zero written long': raw(refs.text, 2, Uint8Array.of(0xc0, 0x80)),
	'a part that builds on itself': forged((scene) => [{ left: nextOf(scene), content: letter() }]),
	'parts that build on each other': update(() => {
		const [one, other] = [Y.createID(1_001, 0), Y.createID(1_002, 0)];
		return forge(
			{ client: one.client, left: other, content: letter() },
			{ client: other.client, left: one, content: letter() },
		);
	}),
	'neighbours in the wrong order': forged((scene) => [
		{ left: letterAt(scene, 1), right: letterAt(scene, 0), content: letter() },
	]),
	'neighbours that never were side by side': forged((scene) => [
		{ left: letterAt(scene, 0), right: letterAt(scene, 5), content: letter() },
	]),
	'neighbours in different places': forged((scene) => [
		{ left: letterAt(scene, 0), right: firstOf(scene, 'notes'), content: letter() },
	]),
};

/** Updates in the name of somebody else. */
export const forgeries: HostileCases = {
	'an edit under another’s client id': update((scene) => forge(nextUnder(scene, scene.ada))),
	'an edit under a client id that somebody has shown': update(
		(scene) => forge(nextUnder(scene, scene.grace)),
		4409,
	),
	'an edit under the server’s client id': update((scene) =>
		forge(nextUnder(scene, serverOf(scene))),
	),
	'a hole where another writes next': update((scene) =>
		bytesOf(1, 1, scene.ada, nextUnder(scene, scene.ada).clock ?? 0, refs.gc, 10, nothingDeleted),
	),
	'a skip of what another writes next': update((scene) =>
		bytesOf(1, 1, scene.ada, nextUnder(scene, scene.ada).clock ?? 0, refs.skip, 10, 0),
	),
	'a deletion of all facts': update((scene) =>
		bytesOf(0, 1, serverOf(scene), 1, 0, Y.getState(scene.doc.store, serverOf(scene))),
	),
	'a deletion of facts to come': update(deletion(serverOf, 1_000, 1)),
	'an edit next to a fact': forged((scene) => [
		{ left: firstOf(scene, 'record'), content: new Y.ContentAny([{ kind: 'sealed' }]) },
	]),
	'a step 2 with an edit under another’s client id': message(
		(scene) => syncFrame('step2', forge(nextUnder(scene, scene.ada))),
		'held',
	),
	'a step 2 with a fact under the server’s client id': message(
		(scene) => syncFrame('step2', forge({ ...nextUnder(scene, serverOf(scene)) })),
		'held',
	),
	'other bytes for a clock that is known': update(
		({ doc }) => forge({ client: doc.clientID, parent: 'theory', content: letter() }),
		4409,
	),
};

/** Updates that build on what is not there: perhaps it only is not there yet. */
export const premature: HostileCases = {
	'an edit after one that never came': forged(
		(scene) => [{ clock: nextOf(scene).clock + 5, parent: 'impact', content: letter() }],
		'held',
	),
	'an edit beside one of nobody’s': forged(
		() => [{ left: Y.createID(77, 7), content: letter() }],
		'held',
	),
	'an edit inside of something of nobody’s': forged(
		() => [{ parent: Y.createID(77, 7), key: 'a', content: letter() }],
		'held',
	),
	'a deletion of what another writes next': update(
		(scene) => deletion(ofAda, nextUnder(scene, scene.ada).clock ?? 0, 10)(scene),
		'held',
	),
	'a deletion of what nobody wrote': update(
		deletion(() => 77, 0, 1),
		'held',
	),
	'a skip of one’s own': update((scene) => {
		const { client, clock } = nextOf(scene);
		return bytesOf(1, 1, client, clock, refs.skip, 3, nothingDeleted);
	}, 'held'),
	'a whole document that lacks its beginning': update((scene) => {
		const copy = bareCopy(scene.doc);
		const before = Y.encodeStateVector(copy);
		impactOf(copy).insert(0, 'lost');
		const lost = Y.encodeStateVector(copy);
		impactOf(copy).insert(4, 'seen');
		return Y.diffUpdate(Y.encodeStateAsUpdate(copy, before), lost);
	}, 'held'),
	'fifty edits after one that never came': {
		sends: (scene) =>
			times(50, (i) => {
				const { client, clock } = nextOf(scene);
				const item = { client, clock: clock + 5 + i, parent: 'impact', content: letter() };
				return syncFrame('update', forge(item));
			}),
		ends: 'held',
	},
};
