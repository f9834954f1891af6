import type { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import type { PersonId } from '#core/ids.ts';
import { recordOf } from '#core/incident/document.ts';
import { may, type Person } from '#core/response/access.ts';
import { Bench, openCopy, type BenchParts } from './bench.ts';
import type { Clock } from './Clock.svelte.ts';
import { outdated } from './connection.ts';
import { expireCopies } from './copy.ts';
import { Indicator } from './Indicator.svelte.ts';
import { askWhoIAm, sentenceFor, type TurnedAway } from './refused.ts';
import { salvage, type Salvage } from './salvage.ts';
import type { Shown, Subject } from './subject.ts';
import type { TextUndo } from './textUndo.ts';

export interface SessionParts<Document extends Shown> {
	readonly subject: Subject<Document>;
	readonly me: Person;
	readonly clock: Clock;
	readonly isSealedAtFirst: boolean;
	/** As of when it is shown (epoch ms), if it could not be opened whole. */
	readonly shownAsOf: number | null;
	/** Follows it and writes nothing, whatever this person may do. */
	readonly onlyReads?: true;
}

const offlineStartMs = 3_000;
const mostRestarts = 3;
const wonderMs = 3_000;
const nobody: ReadonlyMap<PersonId, string> = new Map();

/** A live document, its connection and its copy on this device: opened, watched, and opened afresh. */
export class Session<Document extends Shown> {
	/** Where my changes are. */
	readonly indicator: Indicator;
	readonly #parts: SessionParts<Document>;
	#me: Person;
	#bench = $state.raw<Bench<Document> | null>(null);
	#isLive = $state(false);
	#refusal = $state.raw<TurnedAway | null>(null);
	#keepsNothing = $state(false);
	#isOutdated = $state(false);
	#before = $state.raw<Document | null>(null);
	#shownAsOf: number | null;
	#isSealed: boolean;
	#restarts = 0;
	#isOver = false;
	#isAsking = false;
	#wasDown = false;
	#waiting: ((doc: Y.Doc) => void)[] = [];

	constructor(parts: SessionParts<Document>) {
		this.#parts = parts;
		this.#me = $state.raw(parts.me);
		this.#isSealed = parts.isSealedAtFirst;
		this.#shownAsOf = $state(parts.shownAsOf);
		this.indicator = new Indicator(parts.clock, () => ({
			bench: this.#bench,
			readOnly: this.#whyReadOnly(),
			refusal: this.#refusal?.sentence ?? null,
			isOutdated: this.#isOutdated,
		}));
	}

	/** Who I am here, with the access that I have now. */
	get me(): Person {
		return this.#me;
	}

	/** The document, from the moment at which something can be written into it. */
	get document(): Document | null {
		return this.#bench?.document ?? null;
	}

	/** The document that the screen shows: the one before, while a fresh one is on its way. */
	get shown(): Document | null {
		return this.#isLive ? this.document : this.#before;
	}

	/** The document whose texts may be typed into, when there is one. */
	get editable(): Document | null {
		const live = this.#isLive ? this.document : null;
		return live?.kind === 'editing' ? live : null;
	}

	/** What I typed into the document's texts, to be taken back. */
	get undo(): TextUndo | null {
		return this.#bench?.undo ?? null;
	}

	/** Whether the document has what the server has (or had, when this device is offline). */
	get isLive(): boolean {
		return this.#isLive;
	}

	get refusal(): TurnedAway | null {
		return this.#refusal;
	}

	/** As of when the incident is shown (epoch ms) that could not be opened whole; null for others. */
	get shownAsOf(): number | null {
		return this.#shownAsOf;
	}

	/** Whether this browser keeps no copy: then an unsaved change lives in this page alone. */
	get keepsNothing(): boolean {
		return this.#keepsNothing;
	}

	/** What the editor's caret extension asks for. */
	get provider(): WebsocketProvider | null {
		return this.#bench?.connection.provider ?? null;
	}

	/** Where everybody types right now. */
	get typing(): ReadonlyMap<PersonId, string> {
		return this.#bench?.typing.places ?? nobody;
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

	/** My changes that the server lacks, as a file; null while there is no document. */
	unsavedFile(): Salvage | null {
		return this.#refusal?.file ?? this.#salvage('The server has not confirmed them yet.');
	}

	/** Forgets the copy that the server turned away, and opens the incident with nothing of it. */
	async startAfresh(): Promise<void> {
		const copy = this.#bench?.copy;
		this.#close();
		await copy?.setAside().catch(() => undefined /* nothing was kept, so nothing is left */);
		this.#refusal = null;
		await this.#open();
	}

	/** Sends what this device has once more; a closed incident is reopened before, by who asks for it. */
	async sendAgain(reopen: () => Promise<boolean>): Promise<void> {
		const standing = await this.#parts.subject.askStanding();
		const isOpen = standing.state === 'known' && standing.edit;
		if (!isOpen && !(await reopen())) return;
		if (this.#refusal === null) return; // a second click
		this.#refusal = null;
		this.#isSealed = false;
		await this.#openAgain();
	}

	/** With what this device has, or without it. */
	async #openAgain(): Promise<void> {
		this.#close();
		await this.#open();
	}

	/** Tells the others where I type; it ends by itself. */
	typingIn(place: string | null): void {
		this.#bench?.typing.in(place);
	}

	async #open(): Promise<void> {
		const parts: BenchParts<Document> = {
			subject: this.#parts.subject,
			me: this.#me.id,
			onChange: () => this.#changed(),
			onRefused: (close) => void this.#turnedAway(close),
			onNotOpened: () => void this.#wonder(),
			onSentBack: () => void this.#learnWhereIStand(),
			onCopyFailed: () => (this.#keepsNothing = true),
		};
		// What this device has beyond what can be shown waits until it can be.
		const copy = this.#shownAsOf === null ? await openCopy(parts) : null;
		// Whoever opened it meanwhile (a second click) was enough.
		if (this.#isOver || this.#bench) return copy?.close();
		this.#keepsNothing = copy === null && this.#shownAsOf === null;
		const bench = new Bench(this.#wantedKind(), copy, parts);
		this.#bench = bench;
		const { document } = bench;
		recordOf(document.doc).observe(() => queueMicrotask(() => this.#readSeal(document)));
		for (const change of this.#waiting.splice(0)) change(document.doc);
		bench.connection.open();
		setTimeout(() => this.#goLiveFromCopy(document), offlineStartMs);
	}

	#close(): void {
		const bench = this.#bench;
		if (!bench) return;
		this.#show(this.#isLive ? bench.document : null);
		this.#isLive = false;
		this.#bench = null;
		bench[Symbol.dispose]();
	}

	/** What the screen shows until the next document is live. */
	#show(document: Document | null): void {
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
		this.indicator.changed(bench);
		if (!bench) return;
		const { connection, ledger, copy, document } = bench;
		copy?.confirm(ledger.confirmed);
		if (connection.hasSynced) this.#goLive();
		if (connection.downSince !== null) this.#wasDown = connection.hasSynced;
		else if (this.#wasDown && connection.isCaughtUp) this.#wonderSoon();
		if (!connection.isCaughtUp || !ledger.isSettled) return;
		copy?.compact(document.doc).catch(() => undefined /* the records stay */);
		queueMicrotask(() => this.#follow());
	}

	/** Without a server for a while, what this device has is better than what it was sent at first. */
	#goLiveFromCopy(document: Document): void {
		if (this.document !== document || recordOf(document.doc).length === 0) return;
		this.#goLive();
	}

	/** Who may edit has a document that edits; who only reads has one that never writes by itself. */
	#wantedKind(): Shown['kind'] {
		const { onlyReads = false } = this.#parts;
		const mayEdit = !onlyReads && may(this.#me, 'edit', { isSealed: this.#isSealed });
		return mayEdit && this.#shownAsOf === null ? 'editing' : 'follower';
	}

	#readSeal(document: Document): void {
		if (this.document !== document) return;
		this.#isSealed = this.#parts.subject.isSealed(document.doc);
		this.#follow();
	}

	/** When the incident is closed or reopened, or my access changes, the document changes its kind. */
	#follow(): void {
		const bench = this.#bench;
		if (!bench || !this.#isLive || this.#refusal !== null || !bench.ledger.isSettled) return;
		if (bench.document.kind === this.#wantedKind()) return;
		void this.#openAgain();
	}

	/** Somebody restored it, perhaps. */
	async #learnWhereIStand(): Promise<void> {
		await this.#learnWhatIsShown();
		await this.#learnWhoIAm();
	}

	/** Whether the incident can be opened whole, or can be again. */
	async #learnWhatIsShown(): Promise<void> {
		const standing = await this.#parts.subject.askStanding();
		if (standing.state !== 'known' || this.#isOver) return;
		this.#shownAsOf = standing.shownAsOf;
		this.#follow();
	}

	async #learnWhoIAm(): Promise<void> {
		const me = await askWhoIAm();
		if (!me || this.#isOver) return;
		if (me.access !== this.#me.access) this.#me = me;
		this.#follow();
	}

	async #turnedAway(close: { code: number; reason: string }): Promise<void> {
		if (close.code === outdated) {
			this.#isOutdated = true; // the copy on this device is fine: the page loaded next sends it
			return;
		}
		const standing = await this.#parts.subject.askStanding();
		if (standing.state === 'known') await this.#learnWhoIAm();
		const bench = this.#bench;
		if (!bench || this.#isOver) return;
		const canRestart = standing.state === 'known' && standing.read;
		const changes = bench.ledger.unacked;
		if (standing.state === 'known' && standing.shownAsOf !== this.#shownAsOf) {
			this.#shownAsOf = standing.shownAsOf;
			if (changes === 0) return this.#openAgain();
		}
		if (changes === 0 && canRestart && this.#restarts < mostRestarts) {
			this.#restarts += 1;
			return this.startAfresh();
		}
		const sentence = sentenceFor(close, standing);
		const file = this.#salvage(sentence);
		const isSignedOut = standing.state === 'signedOut' || close.code === 4401;
		const isClosed = canRestart && !standing.edit && this.#mightEdit;
		if (file) this.#refusal = { sentence, changes, file, canRestart, isClosed, isSignedOut };
	}

	/** Whether nothing but its being closed keeps me from editing it. */
	get #mightEdit(): boolean {
		return may(this.#me, 'edit', { isSealed: false }) && this.#shownAsOf === null;
	}

	#salvage(reason: string): Salvage | null {
		const bench = this.#bench;
		if (!bench) return null;
		const { subject, clock } = this.#parts;
		const { doc } = bench.document;
		const about = { words: subject.describe(doc), at: clock.read(), reason };
		return salvage(doc, bench.connection.serverVector, about);
	}

	/** The server was gone: perhaps it opened the incident anew. Not everybody asks at once. */
	#wonderSoon(): void {
		this.#wasDown = false;
		setTimeout(() => void this.#learnWhatIsShown(), Math.random() * wonderMs);
	}

	/** An attempt failed before it was open: perhaps the upgrade was refused, which only the API tells. */
	async #wonder(): Promise<void> {
		if (this.#isAsking || !navigator.onLine) return;
		this.#isAsking = true;
		const standing = await this.#parts.subject.askStanding();
		this.#isAsking = false;
		const code = standing.state === 'signedOut' ? 4401 : standing.state === 'gone' ? 4403 : null;
		if (code === null || !this.#bench) return;
		this.#bench.connection.provider.disconnect();
		await this.#turnedAway({ code, reason: '' });
	}

	#whyReadOnly(): string | null {
		const isSealed = this.shown?.isSealed ?? this.#parts.isSealedAtFirst;
		if (this.#shownAsOf !== null) return 'it could not be opened whole.';
		if (isSealed) return this.#parts.subject.whySealed;
		return may(this.#me, 'edit', { isSealed: false }) ? null : 'you are a viewer here.';
	}

	readonly #retryNow = (): void => this.retry();

	readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
		const isKept = this.#bench?.copy && !this.#bench.copy.isFailing;
		if (!isKept && (this.#bench?.ledger.unacked ?? 0) > 0) event.preventDefault();
	};
}
