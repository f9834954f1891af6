import type { PersonId } from '#core/ids.ts';
import { readIncident, type Incident } from '#core/incident/reading.ts';
import { createLog } from '#server/log.ts';
import { openDatabase } from '#server/storage/database.ts';
import { startEmbeddedPostgres } from '#server/storage/embedded/start.ts';
import type * as Y from 'yjs';
import { Caller } from './caller.ts';
import { SyncPeer, type PeerOptions } from './client.ts';
import { labelsIn } from './edits.ts';
import { replayJournal, type History } from './history.ts';
import { declare, invite, type TestPerson } from './people.ts';
import type { Muster } from './server.ts';
import { Typist } from './typist.ts';
import { until } from './until.ts';

/** An incident with ada, grace and linus in it, each ready to type. */
export class TestRoom implements Disposable {
	readonly muster: Muster;
	readonly incident: string;
	readonly people: readonly TestPerson[];
	readonly typists: readonly Typist[];
	/** The same people, over the API. */
	readonly callers: readonly Caller[];
	readonly random: () => number;

	constructor(
		parts: Pick<TestRoom, 'muster' | 'incident' | 'people' | 'random'> & { ways: WaysIn },
	) {
		const { muster, incident, people, random, ways } = parts;
		this.muster = muster;
		this.incident = incident;
		this.people = people;
		this.random = random;
		this.callers = people.map((person) => new Caller(muster, incident, person));
		this.typists = people.map((person) => {
			const syncUrl = ways.syncUrlOf?.(person.name) ?? muster.syncUrl;
			const peer = this.peerOf(person, { syncUrl, ...ways.peers });
			return new Typist(person.name, peer, random);
		});
	}

	/** A further connection of somebody's, not yet open. */
	peerOf(person: Pick<TestPerson, 'token'>, options: Partial<PeerOptions> = {}): SyncPeer {
		const { syncUrl } = this.muster;
		return new SyncPeer({ syncUrl, incident: this.incident, token: person.token, ...options });
	}

	/** Everybody connects, and what they made elsewhere is saved. */
	async gather(withinMs?: number): Promise<void> {
		await Promise.all(this.typists.map(({ peer }) => peer.connect()));
		await this.saved(withinMs);
	}

	/** What everybody made is saved. */
	async saved(withinMs?: number): Promise<void> {
		await Promise.all(this.typists.map(({ peer }) => peer.saved(withinMs)));
	}

	type(editsPerSecond: number): void {
		for (const typist of this.typists) typist.start(editsPerSecond);
	}

	rest(): void {
		for (const typist of this.typists) typist.stop();
	}

	/** Somebody with nothing in hand who reads what the server has. */
	async newReader(): Promise<SyncPeer> {
		const reader = this.peerOf({ token: this.muster.adminToken });
		await reader.connect();
		return reader;
	}

	/** Everybody has noticed that the connection is gone. */
	async scattered(): Promise<void> {
		await until('everybody is cut off', () =>
			this.typists.every(({ peer }) => peer.closed !== null),
		);
		this.rest();
	}

	/** Waits until these documents and everybody's read the same; gives that reading. */
	async agree(...others: readonly Y.Doc[]): Promise<Incident> {
		const docs = [...this.typists.map(({ peer }) => peer.doc), ...others];
		const isSame = () => new Set(docs.map((doc) => JSON.stringify(readingOf(doc)))).size === 1;
		await until('everybody reads the same', isSame);
		return readingOf(docs[0] as Y.Doc);
	}

	/** What others wrote and somebody has on the screen, and nobody has erased. */
	seen(): string[] {
		const erased = new Set(this.typists.flatMap(({ erasedBy }) => [...erasedBy.keys()]));
		return this.typists.flatMap(({ name, peer }) =>
			[...labelsIn(peer.doc).keys()].filter(
				(label) => !label.startsWith(`${name}-`) && !erased.has(label),
			),
		);
	}

	[Symbol.dispose](): void {
		this.rest();
		for (const { peer } of this.typists) peer[Symbol.dispose]();
	}
}

/** How the typists come in, where that is not straight and in order. */
export interface WaysIn {
	/** The address that somebody connects to, if it is not Muster's own. */
	readonly syncUrlOf?: (name: string) => string | undefined;
	readonly peers?: Partial<PeerOptions>;
}

/** Declares an incident and brings three responders into it. */
export async function openRoom(
	muster: Muster,
	random: () => number,
	ways: WaysIn = {},
): Promise<TestRoom> {
	const people: TestPerson[] = [];
	for (const name of ['ada', 'grace', 'linus']) people.push(await invite(muster, name));
	const room = new TestRoom({ muster, incident: await declare(muster), people, random, ways });
	await room.gather();
	return room;
}

/** A document as people read it. */
export function readingOf(doc: Y.Doc): Incident {
	return readIncident(doc, (person: PersonId) => person);
}

/** The journal of an incident, replayed. Without a URL the embedded store is opened: Muster must be stopped. */
export async function historyOf(
	incident: string,
	store: { url: string } | { dataDir: string },
): Promise<History> {
	if ('url' in store) {
		await using db = openDatabase(store);
		return await replayJournal(db.sql, incident);
	}
	await using postgres = await startEmbeddedPostgres(store.dataDir, createLog('silent'));
	await using db = openDatabase(postgres.address);
	return await replayJournal(db.sql, incident);
}
