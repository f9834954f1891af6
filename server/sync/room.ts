import type * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { quarantineSentence } from '#core/incident/quarantine.ts';
import { Refusal } from '#core/refusal.ts';
import type { DocumentSize } from '#core/wire.ts';
import { restartCode } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import { Answers } from './answers.ts';
import { Audience } from './audience.ts';
import { inTime } from './clock.ts';
import { Malformed } from './gate/reader.ts';
import type { HotDocument } from './hot.ts';
import { Looks } from './looks.ts';
import { readRows, type CommittedTurn } from './nodes/catchUp.ts';
import { Overtaken } from './nodes/clash.ts';
import type { ToldTurn } from './nodes/feed.ts';
import type { Outage } from './outage/outage.ts';
import { readMessage, step1Frame, type Message } from './peers/frames.ts';
import { askForMissing } from './peers/missing.ts';
import type { Peer } from './peers/peer.ts';
import type { Opened, OpenRoomParts } from './roomParts.ts';
import { documentIsFull } from './size.ts';
import type { Ask } from './turn/asks.ts';
import { Incomings } from './turn/incomings.ts';
import { Turns } from './turns.ts';

/**
 * An open incident's hot document and the people in it. One loop takes turns: while one commits,
 * everything that arrives waits, then becomes the next. An edit exists once it is committed; then
 * everybody sees it. While the store is away people see each other's edits all the same, which are
 * kept in a file and acknowledged once the store has them.
 */
export class Room {
	readonly document: DocumentId;
	readonly audience: Audience;
	/** It could not be opened whole, and is shown as of this instant (epoch ms). */
	readonly quarantine: Opened['quarantine'];
	readonly #closed: Refusal | null;
	readonly #parts: OpenRoomParts;
	readonly #hot: HotDocument;
	readonly #turns: Turns;
	readonly #onEnd: () => void;
	readonly #looks: Looks;
	readonly #incoming: Incomings;
	readonly #answers: Answers;
	readonly #asks = new Set<Ask>();
	readonly #endFeed: () => void;
	#loop: Promise<void> | null = null;
	#isOver = false;
	#size: DocumentSize | null = null;
	#catchingUp: Promise<void> | null = null;
	#ended: Promise<void> | null = null;
	/** Since when nobody is here (epoch ms), or null. */
	#emptySince: number | null;

	/** `outage` holds unsaved turns of an earlier run, which are part of the hot document already. */
	constructor(
		parts: OpenRoomParts,
		loaded: Pick<Opened, 'quarantine'> & {
			document: DocumentId;
			hot: HotDocument;
			outage: Outage | null;
			onEnd: () => void;
		},
	) {
		this.#parts = parts;
		this.document = loaded.document;
		this.#hot = loaded.hot;
		this.#onEnd = loaded.onEnd;
		this.quarantine = loaded.quarantine;
		this.#closed = closedBy(loaded.quarantine);
		this.audience = new Audience(parts.clock, (carets) =>
			parts.feed.tellCarets(this.document, carets),
		);
		this.#incoming = new Incomings((isFull) => this.audience.holdBack(isFull, 'incoming'));
		const loop = { isOver: () => this.#isOver, wake: () => this.#wake() };
		this.#looks = new Looks({ ...loop, hot: this.#hot });
		this.#answers = new Answers(this.#hot, (look) => this.#looks.add(look));
		this.#emptySince = parts.clock.now();
		this.#turns = new Turns({
			...{ ...parts, ...loop },
			document: this.document,
			hot: this.#hot,
			audience: this.audience,
			closed: this.#closed,
			askAgain: (ask) => void this.#asks.add(ask),
			isMissing: (peer) => this.#askForMissing(peer),
			failed: (error) => this.#startAnew(error),
		});
		this.#endFeed = parts.feed.listen(this.document, {
			turn: (turn) => this.#hearTurn(turn),
			carets: (carets) => this.#isOver || this.audience.hearCarets(carets, this.#hot),
			held: () => void this.hear(Infinity),
		});
		if (loaded.outage) this.#turns.resume(loaded.outage);
		else this.#wake();
		this.#tellSize(this.#hot.size);
	}

	get isUnsaved(): boolean {
		return this.#turns.isUnsaved;
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Lets a peer in: it is asked for what it has, and told what it lacks when it asks. */
	enter(peer: Peer): void {
		this.audience.enter(peer);
		this.#emptySince = null;
		this.#looks.add(() => {
			peer.send(step1Frame(this.#hot.stateVector));
			this.audience.showCarets(peer);
		});
	}

	leave(peer: Peer): void {
		this.audience.leave(peer);
		if (this.audience.size === 0) this.#emptySince = this.#parts.clock.now();
	}

	/** Takes a message from a peer; a malformed one sends only its sender away. */
	receive(peer: Peer, bytes: Uint8Array): void {
		if (peer.isRefused || this.#isOver) return;
		try {
			peer.meter.frame(bytes.length);
			this.#take(peer, readMessage(bytes));
		} catch (error) {
			peer.refuse(refusalFor(error));
		}
	}

	/** Asks for a command or an entry; answers when it is committed, or refuses. */
	ask(ask: Ask): void {
		if (ask.wish.kind === 'entry' && this.#hot.size === 'full') return ask.refuse(documentIsFull());
		if (this.#closed) return ask.refuse(this.#closed);
		this.#asks.add(ask);
		this.#wake();
	}

	/**
	 * Looks at the document between turns: nothing uncommitted is in it, but for an outage.
	 * Throws a `Refusal` if the room ends before.
	 */
	read<T>(look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		return this.#looks.read(look);
	}

	/** The journal has this many turns: what this room lacks is read meanwhile and taken over between turns. */
	async hear(turns: number): Promise<void> {
		if (turns <= this.#hot.turn || this.#isOver) return;
		this.#catchingUp ??= this.#catchUp().finally(() => (this.#catchingUp = null));
		await this.#catchingUp;
	}

	async #catchUp(): Promise<void> {
		const { journal, clock } = this.#parts;
		const missed = readRows(journal.turnsAfter(this.document, this.#hot.turn));
		const rows = await inTime(clock, limits.pollMs, missed);
		if (rows && rows.length > 0) this.#looks.add(() => this.#takeOver(rows));
	}

	/** Takes over a turn that is committed, and all before it; a room that ends meanwhile needs none. */
	async follow(turn: ToldTurn): Promise<void> {
		this.#hearTurn(turn);
		for (let tries = 0; tries < limits.plainTries && this.#hot.turn < turn.turn; tries++) {
			await this.read(() => undefined).catch(() => undefined /* it ended */);
			await this.hear(turn.turn);
		}
	}

	/** Another node tells of a turn. */
	#hearTurn(turn: ToldTurn): void {
		if (turn.turn <= this.#hot.turn || this.#isOver) return;
		this.#turns.catchUp.keep(turn);
		this.#looks.add(() => this.#takeOver([]));
	}

	/** Takes over turns from the journal, and those after them that other nodes told of. */
	#takeOver(rows: readonly CommittedTurn[]): void {
		const { catchUp } = this.#turns;
		const before = this.#hot.turn;
		catchUp.take(rows);
		const isStuck = rows.length > 0 && this.#hot.turn === before;
		catchUp.takeTold();
		if (catchUp.beyond !== null && !isStuck) void this.hear(catchUp.beyond);
	}

	/** Whether nobody needs it any more: empty for a while, and all is committed. */
	isIdle(now: number): boolean {
		const isQuiet = !this.#loop && !this.isUnsaved && this.#asks.size === 0;
		return isQuiet && this.#emptySince !== null && now - this.#emptySince >= limits.idleRoomMs;
	}

	/** Ends the room: its peers come back to a fresh one. What is unsaved stays in its file. */
	end(reason = 'The room starts anew.'): Promise<void> {
		this.#isOver = true;
		this.#ended ??= this.#end(reason);
		return this.#ended;
	}

	async #end(reason: string): Promise<void> {
		await this.#loop;
		this.audience.dismiss(restartCode, reason);
		this.#looks.giveUp();
		this.#endFeed();
		for (const ask of this.#asks) {
			ask.refuse(new Refusal('unavailable', 'Muster restarts. Nothing was written; try again.'));
		}
		try {
			await this.#turns.close();
		} finally {
			// Only now may another room take over the document, and the file of what is unsaved.
			this.#onEnd();
		}
		this.#tellSize(null);
		this.#hot[Symbol.dispose]();
		this.#parts.unloaded(this.document);
	}

	/** Waits until nothing is under way. */
	async quiet(): Promise<void> {
		while ((this.#loop || this.isUnsaved) && !this.#isOver) {
			await this.#loop;
			await this.#turns.quiet();
		}
	}

	#take(peer: Peer, message: Message): void {
		switch (message.kind) {
			case 'step1':
				peer.meter.question();
				this.#answers.ask(peer, message.stateVector);
				return;
			case 'step2':
			case 'update':
				this.#incoming.take(peer, message, this.#parts.clock.now());
				this.#wake();
				return;
			case 'awareness':
				this.audience.moveCaret(peer, message.bytes, this.#hot);
				return;
			case 'queryAwareness':
				peer.meter.caretQuestion();
				this.audience.showCarets(peer);
				return;
			case 'ignored':
				return;
			default:
				message satisfies never;
		}
	}

	#wake(): void {
		if (this.#loop || this.#isOver || !this.#hasWork) return;
		this.#loop = this.#run().finally(() => {
			this.#loop = null;
			this.#wake();
		});
	}

	get #hasWork(): boolean {
		const isAsked = this.#asks.size > 0 && !this.isUnsaved;
		return !this.#looks.isEmpty || !this.#incoming.isEmpty || isAsked || this.#turns.isDue;
	}

	async #run(): Promise<void> {
		try {
			await this.#parts.clock.round();
			while (this.#hasWork && !this.#isOver) await this.#takeTurn();
		} catch (error) {
			this.#startAnew(error);
		}
	}

	/** The one recovery for all odd cases: the hot document is thrown away, the journal is the truth. */
	#startAnew(error: unknown): void {
		this.#parts.log.error({ err: error, document: this.document }, 'room starts anew');
		if (error instanceof Overtaken) this.#refuseOthers(error.conns);
		void this.end();
	}

	/** A copy that says something else than the journal would never read the same as the others. */
	#refuseOthers(conns: ReadonlySet<string>): void {
		for (const peer of this.audience.peers) {
			if (!conns.has(peer.info.conn)) continue;
			peer.refuse(new Refusal('conflict', 'This copy says something else than the server’s.'));
		}
	}

	async #takeTurn(): Promise<void> {
		const before = this.#hot.turn;
		this.#looks.take();
		const incoming = this.#incoming.takeTurn();
		const asks = [...this.#asks].filter((ask) => !ask.isAnswered);
		this.#asks.clear();
		await this.#turns.take({ incoming, asks });
		this.#tellSize(this.#hot.size);
		if (this.#hot.turn > before) this.#askAllForMissing();
	}

	#tellSize(size: DocumentSize | null): void {
		if (size === this.#size) return;
		this.#size = size;
		this.#parts.sized(this.document, size);
	}

	/** What somebody lacked may be here now. */
	#askAllForMissing(): void {
		for (const peer of this.audience.peers) {
			if (peer.incompleteSince !== null) this.#askForMissing(peer, true);
		}
	}

	#askForMissing(peer: Peer, hasMoved = false): void {
		// While the store is away nobody can tell what it has: no copy is given up.
		if (this.isUnsaved) peer.broughtAt = this.#parts.clock.now();
		const ask = (): void => {
			if (this.audience.has(peer))
				this.#looks.add(() => peer.send(step1Frame(this.#hot.stateVector)));
		};
		askForMissing(peer, this.#parts.clock, { hasMoved, ask });
	}
}

function closedBy(quarantine: Opened['quarantine']): Refusal | null {
	return quarantine && new Refusal('forbidden', quarantineSentence(quarantine.asOf));
}

/** Why a message sends its sender away; anything else is a fault. */
function refusalFor(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	if (error instanceof Malformed) return new Refusal('invalid', error.message);
	throw error;
}
