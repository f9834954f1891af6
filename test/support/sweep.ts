import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Sql } from 'postgres';
import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { decodeHistory } from '#core/incident/history.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readRetro } from '#core/retro/reading.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Frames } from '#core/review/download.ts';
import { historiesOf, openBundle } from '#server/history/openBundle.ts';
import { readZip } from '#server/history/unzip.ts';
import { readHistory } from '#server/storage/history.ts';
import { SyncPeer } from './client.ts';
import { callApi } from './people.ts';
import type { Muster } from './server.ts';

/** Everything that an installation says of an incident, unpacked and decoded, by where it says it. */
export type Sweep = ReadonlyMap<string, string>;

/** Sweeps the store: every table, and every state and turn in it, each replayed. */
export async function sweepStore(sql: Sql, document: string): Promise<Sweep> {
	const sweep = new Map<string, string>();
	const tables = await sql<{ name: string }[]>`
		select table_name as name from information_schema.tables
		where table_schema = 'public' order by 1`;
	for (const { name } of tables) {
		const rows = await sql<{ row: string }[]>`select to_jsonb(r)::text as row from ${sql(name)} r`;
		sweep.set(`table ${name}`, rows.map(({ row }) => withBytes(row)).join('\n'));
	}
	for (const table of ['checkpoints', 'snapshots']) {
		const states = await sql<{ state: Uint8Array }[]>`
			select state from ${sql(table)} where document = ${document}`;
		sweep.set(table, states.map(({ state }) => wordsOfState(state)).join('\n'));
	}
	const turns = await Array.fromAsync(readHistory(sql, document as DocumentId, 0));
	sweep.set('history', wordsOfTurns(turns.map(updatesOf)));
	return sweep;
}

/** Sweeps the doors: what the API answers to an admin, and what a socket is sent that has nothing. */
export async function sweepDoors(muster: Muster, incident: string): Promise<Sweep> {
	const sweep = new Map<string, string>();
	const ask = async (path: string): Promise<Buffer> => {
		const headers = { Authorization: `Bearer ${muster.adminToken}` };
		const response = await fetch(`${muster.url}/api/v1${path}`, { headers });
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return Buffer.from(await response.arrayBuffer());
	};
	for (const path of ['/incidents?state=all', `/incidents/${incident}`]) {
		sweep.set(`GET ${path}`, (await ask(path)).toString());
	}
	const { body } = await callApi(muster, `GET /incidents/${incident}/at?turn=1`);
	const { lastTurn } = body as { lastTurn: number };
	for (let turn = 1; turn <= lastTurn; turn++) {
		const path = `/incidents/${incident}/at?turn=${turn}`;
		sweep.set(`GET ${path}`, (await ask(path)).toString());
	}
	for (const format of ['json', 'md', 'csv', 'ics']) {
		const path = `/incidents/${incident}/export?format=${format}`;
		sweep.set(`GET ${format}`, (await ask(path)).toString());
	}
	sweep.set('GET bundle', await wordsOfBundle(await ask(`/incidents/${incident}/export`)));
	const packed = new Frames().take(await ask(`/incidents/${incident}/history`));
	const frames = packed.map((frame) => gunzipSync(frame));
	sweep.set('GET header', frames[0]?.toString() ?? '');
	const blocks = frames.slice(1).flatMap((frame) => decodeHistory(frame));
	sweep.set('GET history', wordsOfTurns(blocks.map(updatesOf)));
	using peer = new SyncPeer({ syncUrl: muster.syncUrl, incident, token: muster.adminToken });
	await peer.connect();
	sweep.set('socket', wordsOfTurns(peer.shownUpdates.map((update) => [update])));
	return sweep;
}

/** Where in a sweep a word is found. */
export function placesOf(sweep: Sweep, word: string): string[] {
	return [...sweep].flatMap(([place, text]) => (text.includes(word) ? [place] : []));
}

async function wordsOfBundle(archive: Buffer): Promise<string> {
	const files = await readZip(archive, () => true);
	const histories = historiesOf(await openBundle(archive));
	const texts = Array.from(files.values(), (bytes) => Buffer.from(bytes).toString());
	const words = histories.map(({ turns }) => wordsOfTurns(turns.map(updatesOf)));
	return [...texts, ...words].join('\n');
}

function updatesOf({ edits }: { readonly edits: readonly Edit[] }): Uint8Array[] {
	return edits.map(({ bytes }) => bytes);
}

/** Bytes in a row are hexadecimal: as letters too, as far as they are any. */
function withBytes(row: string): string {
	return row.replaceAll(/\\\\x([0-9a-f]+)/g, (_, hex: string) => {
		const bytes = Buffer.from(hex, 'hex');
		return `${bytes.toString('utf8')} ${unpacked(bytes)}`;
	});
}

function unpacked(bytes: Buffer): string {
	try {
		return gunzipSync(bytes).toString('utf8');
	} catch {
		return '';
	}
}

function wordsOfState(state: Uint8Array): string {
	const doc = createDocument('follower');
	doc.gc = false;
	Y.applyUpdateV2(doc, state);
	return `${wordsOf(doc)}\n${structsOf(Y.encodeStateAsUpdate(doc))}`;
}

/** What is read after each update, and what each says to the letter. */
function wordsOfTurns(turns: readonly (readonly Uint8Array[])[]): string {
	const doc = createDocument('follower');
	doc.gc = false;
	return turns
		.map((updates) => {
			for (const update of updates) Y.applyUpdate(doc, update);
			return [wordsOf(doc), ...updates.map(structsOf)].join('\n');
		})
		.join('\n');
}

function wordsOf(doc: Y.Doc): string {
	const readings = [readIncident(doc, (person) => person), readRetro(doc)];
	return JSON.stringify([...readings, recordOf(doc).toArray()]);
}

/** The contents of an update, what is deleted in it too; letters in their order as one word. */
function structsOf(update: Uint8Array): string {
	return Y.decodeUpdate(update)
		.structs.map((struct) => {
			if (!(struct instanceof Y.Item)) return '';
			const { content } = struct;
			if (content instanceof Y.ContentString) return content.str;
			if (content instanceof Y.ContentAny) return `\n${JSON.stringify(content.arr)}\n`;
			return content instanceof Y.ContentFormat ? `\n${JSON.stringify(content.value)}\n` : '';
		})
		.join('');
}

/** What is wrong with the chain of a document's history, as sentences. */
export async function chainFaults(sql: Sql, document: string): Promise<readonly string[]> {
	const faults: string[] = [];
	let head = createHash('sha256').update(document).digest();
	for await (const turn of readHistory(sql, document as DocumentId, 0)) {
		const at = Buffer.alloc(8);
		at.writeBigInt64BE(BigInt(turn.at));
		head = createHash('sha256').update(head).update(at).update(turn.digest).digest();
		if (!head.equals(turn.head)) faults.push(`the chain breaks at ${turn.turn}`);
	}
	const [last] = await sql<{ head: Buffer }[]>`select head from documents where id = ${document}`;
	if (!last?.head.equals(head)) faults.push('the chain ends in another head');
	return faults;
}
