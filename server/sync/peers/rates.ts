import type { DocumentId, PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { Allowance, Allowances, type Allowed } from '#server/allowance.ts';
import { limits } from '#server/limits.ts';
import type { Clock } from '../clock.ts';

/** How much the sockets of this node may send: each, each person's together, and all of a document. */
export class Rates {
	readonly #clock: Clock;
	readonly #frames = allowances<PersonId>(limits.personFrames);
	readonly #bytes = allowances<PersonId>(limits.personBytes);
	readonly #edits = allowances<PersonId>(limits.personEdits);
	readonly #answers = allowances<PersonId>(limits.answerBytes);
	readonly #documentEdits = allowances<DocumentId>(limits.documentEdits);
	readonly #documentBytes = allowances<DocumentId>(limits.documentEditBytes);

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** The meter of a new connection. */
	meter(person: PersonId, document: DocumentId): Meter {
		const now = () => this.#clock.now();
		const at = now();
		const own = (allowed: Allowed) => new Allowance(allowed, at);
		return new Meter(now, {
			frames: [own(limits.connectionFrames), this.#frames.of(person, at)],
			bytes: [own(limits.connectionBytes), this.#bytes.of(person, at)],
			edits: [own(limits.connectionEdits), this.#edits.of(person, at)],
			documentEdits: [this.#documentEdits.of(document, at)],
			documentBytes: [this.#documentBytes.of(document, at)],
			questions: [own(limits.questions)],
			answers: [this.#answers.of(person, at)],
			caretQuestions: [own(limits.questions)],
			oddCarets: [own(limits.oddCarets)],
		});
	}
}

function allowances<Key>(allowed: Allowed): Allowances<Key> {
	return new Allowances<Key>(allowed, limits.ratedKeys);
}

type Counted =
	| 'frames'
	| 'bytes'
	| 'edits'
	| 'documentEdits'
	| 'documentBytes'
	| 'questions'
	| 'answers'
	| 'caretQuestions'
	| 'oddCarets';

/** Counts what one connection sends. Each of its methods throws a `Refusal` when it is too much. */
export class Meter {
	readonly #now: () => number;
	readonly #allowed: Readonly<Record<Counted, readonly Allowance[]>>;
	#hadStep2 = false;

	constructor(now: () => number, allowed: Readonly<Record<Counted, readonly Allowance[]>>) {
		this.#now = now;
		this.#allowed = allowed;
	}

	/** A message of any kind came. */
	frame(bytes: number): void {
		this.#take('frames', 1, 'These are too many messages at once (rate). Come back in a moment.');
		this.#take('bytes', bytes, 'This is too much at once (rate). Come back in a moment.');
	}

	/** An edit came. The first step 2 is what somebody brings along: a hundred may come back at once. */
	edit(kind: 'update' | 'step2', bytes: number): void {
		this.#take('edits', 1, 'These are too many edits at once (rate). Come back in a moment.');
		const isFirst = kind === 'step2' && !this.#hadStep2;
		if (kind === 'step2') this.#hadStep2 = true;
		if (isFirst) return;
		const busy = 'Too much is written here at once (rate). Come back in a moment.';
		this.#take('documentEdits', 1, busy);
		this.#take('documentBytes', bytes, busy);
	}

	/** A step 1 came. */
	question(): void {
		const sentence = 'These are too many questions at once (rate). Come back in a moment.';
		this.#take('questions', 1, sentence);
		const now = this.#now();
		if (!this.#allowed.answers.every((allowance) => allowance.hasAny(now))) {
			throw new Refusal('tooMany', sentence, 'rate');
		}
	}

	/** It asked where everybody is. */
	caretQuestion(): void {
		const sentence = 'These are too many questions at once (rate). Come back in a moment.';
		this.#take('caretQuestions', 1, sentence);
	}

	/** A step 1 took an answer that was made for it alone. */
	answered(bytes: number): void {
		const now = this.#now();
		for (const allowance of this.#allowed.answers) allowance.charge(now, bytes);
	}

	/** A caret came that nobody can be shown. */
	oddCaret(): void {
		const now = this.#now();
		if (this.#allowed.oddCarets.every((allowance) => allowance.take(now))) return;
		throw new Refusal('invalid', 'These carets cannot be shown to anybody.', 'caret');
	}

	/** Nothing was read for so long: what waited meanwhile comes all at once. */
	excuse(ms: number): void {
		for (const name of ['frames', 'edits', 'bytes'] as const) {
			for (const allowance of this.#allowed[name]) allowance.excuse(ms);
		}
	}

	#take(name: Counted, cost: number, sentence: string): void {
		const now = this.#now();
		for (const allowance of this.#allowed[name]) {
			if (!allowance.take(now, cost)) throw new Refusal('tooMany', sentence, 'rate');
		}
	}
}
