import { createSubscriber } from 'svelte/reactivity';
import * as Y from 'yjs';
import type { Awareness } from 'y-protocols/awareness';
import type { WebsocketProvider } from 'y-websocket';
import type { IncidentId } from '#core/ids.ts';
import { entriesOf, recordOf } from '#core/incident/document.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { may, type Person } from '#core/response/access.ts';
import type { Clock } from './Clock.svelte.ts';
import { Connection } from './connection.ts';
import { expireCopies, OfflineCopy } from './copy.ts';
import { Ledger } from './ledger.ts';
import { LiveDocument } from './LiveDocument.svelte.ts';
import { askStanding, sentenceFor } from './refused.ts';
import { salvage, type Salvage } from './salvage.ts';
import { savedOf, type Saved } from './saved.ts';

export interface SessionParts {
	readonly incident: IncidentId;
	readonly me: Person;
	readonly clock: Clock;
	readonly nameOf: NameOf;
	readonly isSealedAtFirst: boolean;
}

/** Why the server turned this page away, and what is left of its changes. */
export interface TurnedAway {
	readonly sentence: string;
	/** How many of my changes the server does not have. */
	readonly changes: number;
	readonly file: Salvage;
	/** Whether the incident can be opened afresh, without those changes. */
	readonly canRestart: boolean;
}

/** Everything that belongs to one document on this page, and goes with it. */
interface Bench {
	readonly document: LiveDocument;
	readonly ledger: Ledger;
	readonly connection: Connection;
	readonly copy: OfflineCopy | null;
}

const offlineStartMs = 3_000;
const typingMs = 3_000;
const mostRestarts = 3;
const fromCopy = Symbol('from the copy on this device');

/** A document, its connection and its copy on this device: opened, watched, and opened afresh. */
export class Session {
	readonly #parts: SessionParts;
	#bench = $state.raw<Bench | null>(null);
	#isLive = $state(false);
	#refusal = $state.raw<TurnedAway | null>(null);
	#version = $state(0);
	#backInSync = $state.raw<{ at: number; entries: number } | null>(null);
	#keepsNothing = $state(false);
	#presenceLostAt: number | null = null;
	#entriesBefore: number | null = null;
	#restarts = 0;
	#isOver = false;
	#isAsking = false;
	#waiting: ((doc: Y.Doc) => void)[] = [];
	#typingTimer: ReturnType<typeof setTimeout> | null = null;
	#before = $state.raw<LiveDocument | null>(null);
	readonly #heardNetwork = createSubscriber((update) => {
		addEventListener('online', update);
		addEventListener('offline', update);
		return () => {
			removeEventListener('online', update);
			removeEventListener('offline', update);
		};
	});
	readonly #saved = $derived.by(() => this.#readSaved());

	constructor(parts: SessionParts) {
		this.#parts = parts;
	}

	/** The document, from the moment at which something can be written into it. */
	get document(): LiveDocument | null {
		return this.#bench?.document ?? null;
	}

	/** The document that the screen shows: the one before, while a fresh one is on its way. */
	get shown(): LiveDocument | null {
		return this.#isLive ? this.document : this.#before;
	}

	/** The document whose texts may be typed into, when there is one. */
	get editable(): LiveDocument | null {
		const live = this.#isLive ? this.document : null;
		return live?.kind === 'editing' ? live : null;
	}

	/** Whether the document has what the server has (or had, when this device is offline). */
	get isLive(): boolean {
		return this.#isLive;
	}

	get saved(): Saved {
		return this.#saved;
	}

	get refusal(): TurnedAway | null {
		return this.#refusal;
	}

	/** Whether this browser keeps no copy: then an unsaved change lives in this page alone. */
	get keepsNothing(): boolean {
		return this.#keepsNothing;
	}

	get awareness(): Awareness | null {
		return this.#bench?.connection.awareness ?? null;
	}

	get provider(): WebsocketProvider | null {
		return this.#bench?.connection.provider ?? null;
	}

	start(): void {
		addEventListener('beforeunload', this.#beforeUnload);
		addEventListener('online', this.#retryNow);
		void this.#open();
		expireCopies(Date.now()).catch(() => undefined /* a browser that keeps nothing */);
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		removeEventListener('beforeunload', this.#beforeUnload);
		removeEventListener('online', this.#retryNow);
		this.#close();
		this.#before?.doc.destroy();
	}

	/** Changes the document now, or as soon as there is one. */
	write(change: (doc: Y.Doc) => void): void {
		const doc = this.#bench?.document.doc;
		if (doc) change(doc);
		else this.#waiting.push(change);
	}

	retry(): void {
		this.#bench?.connection.retry();
	}

	/** Forgets the copy that the server turned away, and opens the incident with nothing of it. */
	async startAfresh(): Promise<void> {
		const copy = this.#bench?.copy;
		this.#close();
		await copy?.setAside().catch(() => undefined /* nothing was kept, so nothing is left */);
		this.#refusal = null;
		await this.#open();
	}

	/** Tells the others where I type; it ends by itself. */
	typingIn(place: string | null): void {
		const awareness = this.awareness;
		if (this.#typingTimer !== null) clearTimeout(this.#typingTimer);
		this.#typingTimer = place === null ? null : setTimeout(() => this.typingIn(null), typingMs);
		const { typing = null } = (awareness?.getLocalState() ?? {}) as { typing?: string | null };
		if (awareness && typing !== place) awareness.setLocalStateField('typing', place);
	}

	/** The presence socket notices a dead line sooner than the document's. */
	presenceIs(isUp: boolean): void {
		this.#presenceLostAt = isUp ? null : Date.now();
		this.#version += 1;
	}

	async #open(): Promise<void> {
		const { incident, me } = this.#parts;
		const copy = await OfflineCopy.open(incident, me.id, () => (this.#keepsNothing = true)).catch(
			() => null,
		);
		if (this.#isOver) return copy?.close();
		this.#keepsNothing = copy === null;
		const isFollower = !may(me, 'edit', { isSealed: this.#isSealed() });
		const document = new LiveDocument(isFollower ? 'follower' : 'editing', this.#parts.nameOf);
		for (const update of copy?.kept.updates ?? []) apply(document.doc, update);
		const ledger = new Ledger(copy?.kept.unconfirmed);
		this.#keep(document.doc, ledger, copy);
		const connection = new Connection({
			incident,
			doc: document.doc,
			ledger,
			onChange: () => this.#changed(),
			onRefused: (close) => void this.#turnedAway(close),
			onNotOpened: () => void this.#wonder(),
		});
		this.#bench = { document, ledger, connection, copy };
		recordOf(document.doc).observe(() => queueMicrotask(() => this.#followReopening()));
		for (const change of this.#waiting.splice(0)) change(document.doc);
		connection.open();
		setTimeout(() => this.#goLiveFromCopy(document), offlineStartMs);
	}

	/** Keeps every change on this device; registered before the provider sends it. */
	#keep(doc: Y.Doc, ledger: Ledger, copy: OfflineCopy | null): void {
		doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin === fromCopy) return;
			if (origin === this.#bench?.connection.provider) return copy?.keepTheirs(update);
			const at = Date.now();
			ledger.made(at);
			copy?.keepMine(update, at);
			this.#changed();
		});
	}

	#close(): void {
		const bench = this.#bench;
		if (!bench) return;
		this.#show(this.#isLive ? bench.document : null);
		this.#isLive = false;
		this.#bench = null;
		bench.connection[Symbol.dispose]();
		bench.copy?.compact(bench.document.doc, true).catch(() => undefined /* the records stay */);
		bench.copy?.close();
	}

	/** What the screen shows until the next document is live. */
	#show(document: LiveDocument | null): void {
		const last = this.#before;
		if (document === last) return;
		this.#before = document;
		last?.doc.destroy();
	}

	#goLive(): void {
		if (this.#isLive) return;
		this.#isLive = true;
		this.#show(null);
	}

	#changed(): void {
		const bench = this.#bench;
		this.#version += 1;
		if (!bench) return;
		const { connection, ledger, copy, document } = bench;
		copy?.confirm(ledger.confirmed);
		if (connection.hasSynced) this.#goLive();
		if (connection.downSince !== null && connection.hasSynced) {
			this.#entriesBefore ??= entriesOf(document.doc).size;
		}
		if (!connection.isCaughtUp) return;
		if (this.#entriesBefore !== null) {
			const entries = Math.max(0, entriesOf(document.doc).size - this.#entriesBefore);
			this.#backInSync = { at: Date.now(), entries };
			this.#entriesBefore = null;
		}
		if (ledger.isSettled) copy?.compact(document.doc).catch(() => undefined /* the records stay */);
	}

	/** Without a server for a while, what this device has is better than what it was sent at first. */
	#goLiveFromCopy(document: LiveDocument): void {
		if (this.document !== document || recordOf(document.doc).length === 0) return;
		this.#goLive();
	}

	#isSealed(): boolean {
		const shown = this.shown;
		return shown ? shown.record.status === 'closed' : this.#parts.isSealedAtFirst;
	}

	/** A closed incident is only followed; when it is reopened, its document becomes one to edit. */
	#followReopening(): void {
		if (!this.#isLive || this.document?.kind !== 'follower') return;
		if (!may(this.#parts.me, 'edit', { isSealed: this.#isSealed() })) return;
		this.#close();
		void this.#open();
	}

	async #turnedAway(close: { code: number; reason: string }): Promise<void> {
		const standing = await askStanding(this.#parts.incident);
		const bench = this.#bench;
		if (!bench || this.#isOver) return;
		const canRestart = standing.state === 'known' && standing.read;
		const changes = bench.ledger.unacked;
		if (changes === 0 && canRestart && this.#restarts < mostRestarts) {
			this.#restarts += 1;
			return this.startAfresh();
		}
		const sentence = sentenceFor(close, standing);
		const { nameOf, clock } = this.#parts;
		const file = salvage(bench.document.doc, bench.connection.serverVector, {
			nameOf,
			at: clock.read(),
			reason: sentence,
		});
		this.#refusal = { sentence, changes, file, canRestart };
	}

	/** An attempt failed before it was open: perhaps the upgrade was refused, which only the API tells. */
	async #wonder(): Promise<void> {
		if (this.#isAsking || !navigator.onLine) return;
		this.#isAsking = true;
		const standing = await askStanding(this.#parts.incident);
		this.#isAsking = false;
		const code =
			standing.state === 'signedOut' ? 4401 : standing.state === 'gone' ? 4403 : null;
		if (code === null || !this.#bench) return;
		this.#bench.connection.provider.disconnect();
		await this.#turnedAway({ code, reason: '' });
	}

	#readSaved(): Saved {
		void this.#version;
		this.#heardNetwork();
		const bench = this.#bench;
		const now = typeof window === 'undefined' ? 0 : (void this.#parts.clock.now, Date.now());
		const isOnServer = typeof window === 'undefined';
		return savedOf({
			now,
			unacked: bench?.ledger.unacked ?? 0,
			oldestUnackedSince: bench?.ledger.oldestUnackedSince ?? null,
			downSince: bench && !isOnServer ? this.#downSince(bench) : null,
			isCaughtUp: bench?.connection.isCaughtUp ?? false,
			isOnline: isOnServer || navigator.onLine,
			backInSync: this.#backInSync,
			readOnly: this.#whyReadOnly(),
			refusal: this.#refusal?.sentence ?? null,
		});
	}

	#downSince({ connection }: Bench): number | null {
		if (connection.downSince !== null) return connection.downSince;
		const lost = this.#presenceLostAt;
		return lost !== null && connection.lastHeardAt < lost ? lost : null;
	}

	#whyReadOnly(): string | null {
		if (this.#isSealed()) return 'this incident is closed.';
		return may(this.#parts.me, 'edit', { isSealed: false }) ? null : 'you are a viewer here.';
	}

	readonly #retryNow = (): void => this.retry();

	readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
		const isKept = this.#bench?.copy && !this.#bench.copy.isFailing;
		if (!isKept && (this.#bench?.ledger.unacked ?? 0) > 0) event.preventDefault();
	};
}

/** An update that does not fit is left out: the server brings what it holds. */
function apply(doc: Y.Doc, update: Uint8Array): void {
	try {
		Y.applyUpdate(doc, update, fromCopy);
	} catch (error) {
		console.warn('a kept update could not be read', error);
	}
}
