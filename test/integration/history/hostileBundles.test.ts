import { deflateRawSync } from 'node:zlib';
import { crc32 } from 'node:zlib';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { createDocument, impactOf, recordOf } from '#core/incident/document.ts';
import { encodeHistory, type HistoryTurn } from '#core/incident/history.ts';
import type { Edit } from '#core/incident/turn.ts';
import { bundleFiles, historyFile } from '#core/review/export/bundleFiles.ts';
import type { Manifest } from '#core/review/export/manifest.ts';
import { centralDirectory, localHeader } from '#server/history/zip.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { encodeFacts, endOfRecord } from '#server/sync/turn/facts.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import {
	exportBundle,
	filesIn,
	forged,
	importBundle,
	manifestIn,
	packed,
	sealed,
	textIn,
	type Files,
} from '../../support/bundles.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { edit } from '../../support/gate.ts';
import { newSeed, seeded } from '../../support/random.ts';

let source: TestApi;
let target: TestApi;
let db: Database;
let ada: ApiPerson;
let grace: ApiPerson;
let files: Files;
let manifest: Manifest;
let archive: Buffer<ArrayBuffer>;

beforeAll(async () => {
	source = await TestApi.start(await testDatabaseUrl());
	const url = await testDatabaseUrl();
	target = await TestApi.start(url);
	db = openDatabase({ url });
	[ada, grace] = [await source.invite('Ada'), await source.invite('Grace')];
	const incident = await source.declare();
	for (const { token } of [ada, grace, ada]) {
		const syncUrl = `${source.url.replace('http', 'ws')}/sync`;
		using peer = new SyncPeer({ syncUrl, incident, token });
		await peer.connect();
		for (const word of ['checkout ', 'is ', 'down ']) {
			impactOf(peer.doc).insert(0, word);
			await peer.saved();
		}
		const body = { text: `pool is at 60/60` };
		await source.ask(`POST /incidents/${incident}/entries`, { token, body });
	}
	archive = await exportBundle(source, incident);
	files = await filesIn(archive);
	manifest = manifestIn(files);
	expect(manifest.turns).toBeGreaterThan(8);
});
afterAll(async () => {
	await db[Symbol.asyncDispose]();
	await source[Symbol.asyncDispose]();
	await target[Symbol.asyncDispose]();
});

const tables = [
	...['incidents', 'documents', 'journal', 'clients', 'passed_turns', 'provenance'],
	...['source_people', 'source_attendance', 'attendance', 'quarantines'],
];

/** What came of an import; what is refused has written nothing anywhere. */
async function refusalOf(of: Uint8Array<ArrayBuffer>, head?: string): Promise<string> {
	const { status, body } = await importBundle(target, of, head === undefined ? {} : { head });
	const counts = await Promise.all(
		tables.map(async (table) => (await db.sql`select from ${db.sql(table)}`).length),
	);
	expect({ status, rows: counts.reduce((sum, count) => sum + count) }).toEqual({ status, rows: 0 });
	expect([413, 422]).toContain(status);
	return (body as { error: { message: string } }).error.message;
}

/** The document after all turns. */
function docOf(turns: readonly HistoryTurn[]): Y.Doc {
	const doc = createDocument('follower');
	for (const { edits } of turns) for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
	return doc;
}

/** One more turn of somebody's, at the end. */
function more(
	turns: readonly HistoryTurn[],
	made: Partial<Edit>,
	bytes: Uint8Array,
): HistoryTurn[] {
	const last = turns.at(-1) as HistoryTurn;
	const one: Edit = {
		...{ kind: 'edit', person: ada.id as PersonId, conn: 'c', n: 1, client: 0, receivedAt: 0 },
		...made,
		bytes,
	};
	const salt = new Uint8Array(16).fill(7);
	const proof = { nonce: '0c000000-0000-4000-8000-000000000001', salt };
	return [...turns, { turn: last.turn + 1, at: last.at, edits: [one], proof }];
}

/** What somebody with a copy of the document sends. */
function changed(turns: readonly HistoryTurn[], client: number, change: (doc: Y.Doc) => void) {
	const doc = createDocument('editing');
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(docOf(turns)));
	doc.clientID = client;
	return edit(doc, change);
}

/** The manifest, with these stretches that are passed over. */
const passing = (...stretches: { from: number; to: number; why?: string }[]): object => ({
	...manifest,
	passed: stretches.map((one) => ({ at: 1_700_000_000_000, why: 'slow', ...one })),
});
const stretch = (_: unknown, i: number): object => {
	return { from: i + 1, to: i + 1, at: 1_700_000_000_000, why: '' };
};

const clientOf = (person: ApiPerson): number =>
	Number(Object.entries(manifest.clients).find(([, owner]) => owner === person.id)?.[0]);

describe('[E7] a hostile archive is refused whole', () => {
	test('when its bytes are others than they were, in any file', async () => {
		const random = seeded(newSeed('bundle'));
		for (const name of files.keys()) {
			const from = archive.indexOf(name) + name.length;
			const size = archive.readUInt32LE(archive.indexOf(name) - 12);
			const broken = Buffer.from(archive);
			// The last byte of a deflated file has bits that mean nothing.
			const at = from + Math.floor(random() * (size - 1));
			broken[at] = (broken[at] ?? 0) ^ (1 << Math.floor(random() * 8));
			expect(await refusalOf(broken)).toMatch(/damaged|larger than it says/);
		}
	});

	test('when a file was changed by somebody who can pack', async () => {
		const random = seeded(newSeed('repacked'));
		for (const [name, bytes] of files) {
			if (name === bundleFiles.manifest) continue;
			const broken = Uint8Array.from(bytes);
			const at = Math.floor(random() * broken.length);
			broken[at] = (broken[at] ?? 0) ^ (1 << Math.floor(random() * 8));
			const where = name.startsWith('history/') ? 'Turn 1 and those after it: ' : '';
			expect(await refusalOf(await packed(new Map(files).set(name, broken)))).toBe(
				`This bundle is not taken. ${where}${name} was changed.`,
			);
		}
	});

	test('when it is a bomb, whatever it says of its size', async () => {
		const zeros = Buffer.alloc(30 * 1024 * 1024);
		const bytes = deflateRawSync(zeros);
		for (const size of [zeros.length, 100, 2 ** 32 - 2]) {
			const header = {
				...{ name: bundleFiles.readme, method: 8, time: 0, crc: crc32(zeros) },
				...{ packed: bytes.length, size, offset: 0 },
			};
			const local = localHeader(header);
			const list = centralDirectory([header], local.length + bytes.length);
			expect(await refusalOf(Buffer.concat([local, bytes, list]))).toMatch(/too large/);
		}
	});

	test('when it holds an archive, a path, a link, or a file twice', async () => {
		const inner = new Map(files).set('inner.zip', archive);
		expect(await refusalOf(await packed(inner))).toMatch(/none of ours: "inner.zip"/);
		const path = new Map(files).set('../../etc/cron.d/x', Buffer.from('x'));
		expect(await refusalOf(await packed(path))).toMatch(/none of ours/);
		const link = Buffer.from(archive);
		link.writeUInt32LE(0o120777 * 2 ** 16, link.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 38);
		expect(await refusalOf(link)).toMatch(/list of files/);
	});

	test('when it is cut, or larger than 20 MiB', async () => {
		for (const part of [0.1, 0.5, 0.99]) {
			expect(await refusalOf(archive.subarray(0, archive.length * part))).toMatch(/no whole ZIP/);
		}
		const large = await importBundle(target, Buffer.alloc(42 * 1024 * 1024)).catch(() => null);
		// Whoever does not wait for the answer finds the connection closed.
		if (large) expect(large.status).toBe(413);
	});

	test('when its manifest is not what it should be', async () => {
		const claims: [object, RegExp][] = [
			[{ ...manifest, format: 3 }, /of version 3, and this Muster reads version 1 and 2/],
			[{ ...manifest, format: 2 }, /manifest.json is not as it should be/],
			[{ ...manifest, format: 'x' }, /manifest.json is not as it should be/],
			[{ ...manifest, more: 1 }, /manifest.json is not as it should be/],
			[{ ...manifest, incident: { ...manifest.incident, id: 'x' } }, /not as it should be/],
			[{ ...manifest, head: '0'.repeat(64) }, /another head than it says/],
			[{ ...manifest, turns: manifest.turns + 1 }, /is missing/],
			[passing({ from: 2, to: 1 }), /not as it should be/],
			[passing({ from: 1, to: 1 }, { from: 1, to: 2 }), /not as it should be/],
			[passing({ from: 1, to: manifest.turns + 1 }), /not as it should be/],
			[passing({ from: 1, to: 1, why: '\0' }), /not as it should be/],
			[{ ...manifest, passed: Array.from({ length: 1_001 }, stretch) }, /not as it should be/],
			[{ ...manifest, clients: {} }, /who wrote under which client id/],
			[
				{ ...manifest, incident: { ...manifest.incident, id: ada.id } },
				/another head than it says/,
			],
		];
		for (const [claim, why] of claims) {
			expect(await refusalOf(await sealed(files, claim))).toMatch(why);
		}
		const bare = new Map(files);
		bare.delete(bundleFiles.manifest);
		expect(await refusalOf(await packed(bare))).toMatch(/manifest.json is missing/);
		const stay = {
			person: ada.id,
			conn: '\0',
			enteredAt: 1_700_000_000_000,
			leftAt: 1_700_000_000_000,
		};
		for (const stays of [[{ person: 1 }], [stay]]) {
			const json = Buffer.from(JSON.stringify(stays));
			const odd = new Map(files).set(bundleFiles.attendance, json);
			expect(await refusalOf(await sealed(odd, manifest))).toMatch(/attendance.json says/);
		}
	});

	test('when a small file of it says that it holds far more turns than a file may', async () => {
		const turns = Array.from({ length: 100_000 }, (_, i) => ({ turn: i + 1, at: 0, edits: [] }));
		for (const count of [100_000, 2_000]) {
			const bytes = encodeHistory(turns.slice(0, count), { withProof: false });
			const odd = new Map(files).set(historyFile(0), bytes);
			const why = count > 2_000 ? /holds too much/ : /Turn 1 has no salt and no digest/;
			expect(await refusalOf(await sealed(odd, manifest))).toMatch(why);
		}
	});

	test('when it is not of the history that the importer knows', async () => {
		expect(await refusalOf(archive, '1'.repeat(64))).toMatch(/is not in its chain/);
	});

	test.each<[string, (turns: HistoryTurn[]) => readonly HistoryTurn[], RegExp]>([
		['a turn left out', (turns) => turns.toSpliced(3, 1), /Turn 4 is missing|cannot be read/],
		['a time before', (turns) => at(turns, 5, { at: 1 }), /Turn 6 is earlier/],
		['a time to come', (turns) => at(turns, -1, { at: 2 ** 52 }), /is in the future/],
		['a salt gone', (turns) => at(turns, 4, { proof: saltless }), /Turn 5: Its salt is gone/],
		['a nonce twice', (turns) => at(turns, 4, { proof: proofOf(turns[3]) }), /has the nonce/],
		['what cannot be read', (turns) => at(turns, 4, odd), /Turn 5 cannot be read/],
	])('when it has %s', async (_what, change, why) => {
		const broken = await forged(files, change).catch(() => null);
		if (broken) expect(await refusalOf(broken)).toMatch(why);
		else expect(_what).toBe('a turn left out'); // it cannot even be written
	});

	test('when its turns are swapped', async () => {
		const swapped = (turns: HistoryTurn[]) => {
			const [a, b] = [turns[1] as HistoryTurn, turns[2] as HistoryTurn];
			return turns
				.with(1, { ...b, turn: a.turn, at: a.at })
				.with(2, { ...a, turn: b.turn, at: b.at });
		};
		const asBefore = (claim: Manifest) => ({ ...claim, head: manifest.head });
		expect(await refusalOf(await forged(files, swapped, asBefore))).toMatch(/another head than/);
		expect(await refusalOf(await forged(files, swapped))).toMatch(/Turn 2: /);
	});

	test.each<[string, (turns: readonly HistoryTurn[]) => HistoryTurn[], RegExp]>([
		[
			'somebody under another’s client id',
			(turns) => {
				const bytes = changed(turns, clientOf(grace), (doc) => impactOf(doc).insert(0, 'x'));
				return more(turns, {}, bytes);
			},
			/written under a client id of somebody else/,
		],
		[
			'somebody’s words with another’s name',
			(turns) =>
				turns.map((turn) => ({
					...turn,
					edits: turn.edits.map((one, i) =>
						one.conn !== '' && turn.turn > 4 && i === 0
							? { ...one, person: grace.id as PersonId }
							: one,
					),
				})),
			/written under a client id of somebody else|who wrote under which/,
		],
		[
			'the server’s words under a person’s client id',
			(turns) => {
				const bytes = changed(turns, clientOf(grace), (doc) => impactOf(doc).insert(0, 'x'));
				return more(turns, { conn: '' }, bytes);
			},
			/written under a client id of somebody else/,
		],
		[
			'a person who writes into the record',
			(turns) =>
				more(
					turns,
					{},
					changed(turns, 7, (doc) => recordOf(doc).push([{ kind: 'x' }])),
				),
			/The record is written by the server alone/,
		],
		[
			'a person who deletes from the record',
			(turns) =>
				more(
					turns,
					{ kind: 'late' },
					changed(turns, 7, (doc) => recordOf(doc).delete(0)),
				),
			/The record is written by the server alone/,
		],
		[
			'a person who says what only a server says',
			(turns) => more(turns, { kind: 'facts' }, factsAfter(turns, [reopened])),
			/what only a server writes/,
		],
		[
			'a fact that is none',
			(turns) => more(turns, { kind: 'facts', conn: '' }, factsAfter(turns, [{ kind: 'x' }])),
			/a fact that this Muster does not know/,
		],
		[
			'a fact between others',
			(turns) => {
				const bytes = changed(turns, 7, (doc) => recordOf(doc).insert(1, [reopened]));
				return more(turns, { kind: 'facts', conn: '' }, bytes);
			},
			/facts between those that are there/,
		],
		[
			'facts that take others away',
			(turns) => {
				const bytes = changed(turns, 7, (doc) => recordOf(doc).delete(1));
				return more(turns, { kind: 'facts', conn: '' }, bytes);
			},
			/deletes something/,
		],
		[
			'a part that no document has',
			(turns) =>
				more(
					turns,
					{},
					changed(turns, 7, (doc) => doc.getMap('evil').set('a', 1)),
				),
			/The document has no such part/,
		],
		[
			'a part that no document has, by a server',
			(turns) => {
				const bytes = changed(turns, 7, (doc) => doc.getMap('evil').set('a', 1));
				return more(turns, { kind: 'restore', conn: '' }, bytes);
			},
			/The document has no such part/,
		],
		[
			'shapes that have no place, by a server',
			(turns) => {
				const bytes = changed(turns, 7, (doc) => doc.getMap('entries').set('a', new Y.Map()));
				return more(turns, { kind: 'restore', conn: '' }, bytes);
			},
			/has no place here/,
		],
		[
			'an edit that builds on nothing',
			(turns) => {
				const doc = createDocument('editing');
				doc.clientID = 7;
				impactOf(doc).insert(0, 'a');
				return more(
					turns,
					{},
					edit(doc, () => impactOf(doc).insert(1, 'b')),
				);
			},
			/cannot be opened|missing/,
		],
		[
			'an edit in another version of Yjs’ form',
			(turns) => {
				const bytes = changed(turns, 7, (doc) => impactOf(doc).insert(0, 'x'));
				return more(turns, {}, Y.convertUpdateFormatV1ToV2(bytes));
			},
			/Turn \d+: /,
		],
		['an edit of noise', (turns) => more(turns, {}, Buffer.from('noise')), /Turn \d+: /],
	])('when it has %s', async (_what, change, why) => {
		expect(await refusalOf(await forged(files, change))).toMatch(why);
	});

	test('when it is imported by somebody who is no admin', async () => {
		const { token } = await target.invite('Responder');
		expect((await importBundle(target, archive, { token })).status).toBe(403);
		const as = { token: null, raw: archive, headers: { 'Content-Type': 'application/zip' } };
		expect((await target.ask('POST /imports/bundle', as)).status).toBeOneOf([401, 403]);
	});

	test('and the same without any of this is taken', async () => {
		const unchanged = await forged(files, (turns) => turns);
		expect((await importBundle(target, unchanged)).status).toBe(201);
		expect(textIn(files, bundleFiles.manifest)).toContain(manifest.head);
	});
});

describe('[E5] a hostile manifest', () => {
	test('passes nobody off as somebody of here, though it has their id and names nobody', async () => {
		await using other = await TestApi.start(await testDatabaseUrl());
		const nameless = { ...manifest, people: {}, source: { name: 'evil\u202e.example', url: '' } };
		const { body } = await importBundle(other, await sealed(files, nameless));
		const { id } = body as { id: string };
		const text = (await other.ask(`GET /incidents/${id}`)).text;
		expect(text).not.toContain('"name":"Admin token"}},{');
		expect(text).toContain('Somebody (from evil .example)');
		expect(JSON.parse(text)).toMatchObject({
			declaredBy: { name: 'Somebody (from evil .example)' },
			importedFrom: { by: { name: 'Admin token' } },
		});
	});
});

const saltless = {
	nonce: '0c000000-0000-4000-8000-000000000002',
	salt: null,
	digest: new Uint8Array(32),
};
const odd = { edits: [], unreadable: Buffer.from('odd') };
const reopened = { kind: 'reopened', id: 'f', by: 'a', recordedAt: 1, occurredAt: 1 };

function at(turns: readonly HistoryTurn[], index: number, change: object): HistoryTurn[] {
	return turns.with(index, { ...(turns.at(index) as HistoryTurn), ...change });
}

function proofOf(turn: HistoryTurn | undefined): object | undefined {
	return turn?.proof;
}

function factsAfter(turns: readonly HistoryTurn[], facts: readonly object[]): Uint8Array {
	const after = endOfRecord(docOf(turns));
	return encodeFacts(facts as never, { client: 7, clock: 0, after });
}
