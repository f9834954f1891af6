import { randomFillSync } from 'node:crypto';
import * as Y from 'yjs';
import { ulidSource, type EntryId, type TaskId } from '#core/ids.ts';
import { theoryOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { SyncPeer, syncFrame } from '../client.ts';
import { write } from '../edits.ts';
import { edit } from '../gate.ts';
import { declare, invite, type TestPerson } from '../people.ts';
import { RawSocket } from '../rawSocket.ts';
import type { Muster } from '../server.ts';
import { until } from '../until.ts';
import type { Scene } from './hostile.ts';
import { caretFrame } from './people.ts';

const ulid = ulidSource(Date.now, randomFillSync);

/** A document as whoever comes now gets it, and how long that took. */
export interface Joined {
	readonly state: Uint8Array;
	readonly ms: number;
}

/** An incident with ada and grace in it, and linus, who is about to send what he should not. */
export class Stage implements Disposable {
	readonly incident: string;
	readonly ada: SyncPeer;
	readonly grace: SyncPeer;
	readonly linus: RawSocket;
	readonly scene: Scene;
	readonly #muster: Muster;

	private constructor(
		muster: Muster,
		parts: Pick<Stage, 'incident' | 'ada' | 'grace' | 'linus' | 'scene'>,
	) {
		this.#muster = muster;
		this.incident = parts.incident;
		this.ada = parts.ada;
		this.grace = parts.grace;
		this.linus = parts.linus;
		this.scene = parts.scene;
	}

	/** Declares the incident; ada writes into every part of it, linus a word unless he may only read. */
	static async open(
		muster: Muster,
		people: { readonly ada: TestPerson; readonly grace: TestPerson },
		access: 'responder' | 'viewer',
	): Promise<Stage> {
		const incident = await declare(muster);
		const addressOf = ({ token }: Pick<TestPerson, 'token'>) => {
			return { syncUrl: muster.syncUrl, incident, token };
		};
		const ada = new SyncPeer(addressOf(people.ada));
		const grace = new SyncPeer(addressOf(people.grace));
		await Promise.all([ada.connect(), grace.connect()]);
		const written = { entry: ulid() as EntryId, task: ulid() as TaskId };
		ada.edit('first', (doc) => writeAll(doc, written));
		grace.send(caretFrame({ client: grace.doc.clientID, state: '{}' }));
		await ada.saved();

		const linus = await RawSocket.open(addressOf(await invite(muster, 'linus', access)));
		const doc = copyOf(ada.doc);
		if (access === 'responder') {
			linus.send(
				syncFrame(
					'update',
					edit(doc, () => theoryOf(doc).insert(0, 'the cache? ')),
				),
			);
			await until('linus’ word is saved', () => linus.acked === 1);
		} else await linus.isWelcome();
		const scene = { doc, ada: ada.doc.clientID, grace: grace.doc.clientID, ...written };
		return new Stage(muster, { incident, ada, grace, linus, scene });
	}

	/** Somebody comes in for the first time. */
	join(): Promise<Joined> {
		return join(this.#muster, this.incident);
	}

	/** Ada writes something; gives her update, and how long it took to be saved. */
	async adaWrites(): Promise<{ update: Uint8Array; ms: number }> {
		const { doc } = this.ada;
		const before = Y.encodeStateVector(doc);
		const at = performance.now();
		this.ada.edit('meanwhile', () => theoryOf(doc).insert(theoryOf(doc).length, ' meanwhile'));
		const update = Y.encodeStateAsUpdate(doc, before);
		await this.ada.saved();
		return { update, ms: performance.now() - at };
	}

	[Symbol.dispose](): void {
		for (const peer of [this.ada, this.grace, this.linus]) peer[Symbol.dispose]();
	}
}

/** Somebody comes into an incident for the first time. */
export async function join(muster: Muster, incident: string): Promise<Joined> {
	const { syncUrl, adminToken: token } = muster;
	const at = performance.now();
	using reader = new SyncPeer({ syncUrl, incident, token });
	await reader.connect();
	const ms = performance.now() - at;
	return { state: Y.encodeStateAsUpdate(reader.doc), ms };
}

/** What a document is once it has one more update, as whoever comes then gets it. */
export function withUpdate(state: Uint8Array, update: Uint8Array): Uint8Array {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, state);
	Y.applyUpdate(doc, update);
	return Y.encodeStateAsUpdate(copyOf(doc));
}

function copyOf(of: Y.Doc): Y.Doc {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(of));
	return doc;
}

function writeAll(doc: Y.Doc, { entry, task }: Pick<Scene, 'entry' | 'task'>): void {
	const random = () => 0;
	write(doc, { kind: 'impact', text: 'checkouts fail', random });
	write(doc, { kind: 'notes', text: 'first notes', random });
	write(doc, { kind: 'paragraph', text: 'more notes', random });
	writeEntry(doc, entry, { kind: 'note', text: 'restarted', occurredAt: Date.now() });
	writeTask(doc, task, { title: 'call the bank', order: 'a' });
}
