import * as Y from 'yjs';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { syncFrame } from '../client.ts';
import {
	bytesOf,
	change,
	message,
	times,
	type Hostile,
	type HostileCases,
	type Scene,
} from './hostile.ts';

interface Claim {
	readonly client: number;
	readonly clock?: number;
	readonly state: string | Uint8Array;
}

/** A message about carets. */
export function caretFrame(...claims: readonly Claim[]): Uint8Array {
	const entries = claims.map(({ client, clock = 1, state }) => {
		const bytes = Buffer.from(state);
		return bytesOf(client, clock, bytes.length, bytes);
	});
	const body = bytesOf(claims.length, ...entries);
	return bytesOf(1, body.length, body);
}

/** Linus' own caret. */
function own(state: string | Uint8Array, ends: Hostile['ends'] = 'ignored') {
	return message(({ doc }) => caretFrame({ client: doc.clientID, state }), ends);
}

/** A caret of ada's that linus speaks of. */
function ofAda(state: unknown, clock: number) {
	const claim = ({ ada }: Scene) => ({ client: ada, clock, state: JSON.stringify(state) });
	return message((scene) => caretFrame(claim(scene)), 'ignored');
}

const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

/** Carets that nobody can be shown, or that are somebody else's. */
export const oddCarets: HostileCases = {
	'a caret that is no JSON': own('{', 4400),
	'a caret that is no UTF-8': own(Uint8Array.of(0x22, 0xff, 0x22), 4400),
	'a caret that ends too early': message(() => bytesOf(1, 3, 1, 5, 1), 4400),
	'a claim of two billion carets': message(() => bytesOf(1, 5, 2 ** 31), 4400),
	'more carets than people': message(
		() => caretFrame(...times(limits.caretsPerFrame + 1, (client) => ({ client, state: '{}' }))),
		4400,
	),
	'a dozen carets that nobody can be shown': {
		sends: ({ doc }) => times(12, () => caretFrame({ client: doc.clientID, state: '5' })),
		ends: 4400,
	},
	'a caret of five kilobytes': own(JSON.stringify({ a: 'x'.repeat(5_000) })),
	'a caret that is a list': own('[1]'),
	'a caret that is a text': own('"here"'),
	'a caret nested nine deep': own(deep(9)),
	'a caret nested two thousand deep': own(deep(2_000)),
	'a caret that would change prototypes': own('{"a":{"__proto__":{"isAdmin":true}}}'),
	'a caret under another’s client id': ofAda({ user: { name: 'mallory' } }, 5),
	'a caret under another’s client id from the far future': ofAda({}, 2 ** 52),
	'the end of another’s caret': ofAda(null, 2 ** 52),
	'an echo of three hundred carets': message(
		({ ada }) => caretFrame(...times(300, (i) => ({ client: ada + i, state: '{}' }))),
		'ignored',
	),
	'a caret under one client id after the other': {
		sends: () => times(100, (client) => caretFrame({ client: client + 1, state: '{}' })),
		ends: 'ignored',
	},
};

function byViewer(hostile: Hostile): Hostile {
	return { ...hostile, byViewer: true };
}

/** What somebody sends who may only read. */
export const viewersFrames: HostileCases = {
	'a viewer’s edit': byViewer(change((doc) => impactOf(doc).insert(0, 'hacked '), 4403)),
	'a viewer’s deletion': byViewer(change((doc) => impactOf(doc).delete(0, 3), 4403)),
	'a viewer’s entry': byViewer(
		change((doc) => doc.getMap('entries').set('01KAV000000000000000000001', new Y.Map()), 4403),
	),
	'a viewer’s step 2 with an edit': byViewer(
		message(({ doc }) => {
			const copy = new Y.Doc();
			Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
			impactOf(copy).insert(0, 'hacked ');
			return syncFrame('step2', Y.encodeStateAsUpdate(copy));
		}, 4403),
	),
	'a viewer’s edit that builds on nothing': byViewer(
		message(() => syncFrame('update', bytesOf(1, 1, 5, 7, 0, 1, 0)), 4403),
	),
	'a viewer’s malformed edit': byViewer(message(() => Uint8Array.of(0, 2, 1, 9), 4400)),
	'a viewer’s step 2 of nothing': byViewer(
		message(() => syncFrame('step2', Uint8Array.of(0, 0)), 'ignored'),
	),
	'a viewer’s copy of what everybody has': byViewer(
		message(({ doc }) => syncFrame('step2', Y.encodeStateAsUpdate(doc)), 'ignored'),
	),
	'a viewer’s caret': byViewer(
		message(({ doc }) => caretFrame({ client: doc.clientID, state: '{}' }), 'ignored'),
	),
};
