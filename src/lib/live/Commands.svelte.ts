import type { IncidentId } from '#core/ids.ts';
import type { NameOf, RecordPart } from '#core/incident/reading.ts';
import type { Clock } from './Clock.svelte.ts';
import { randomKey } from './randomKey.ts';
import { changeWords, doneWords, wayBack, withoutExpects, type Wish } from './wishes.ts';

/** A sentence about a command, with at most one thing to do about it. */
export interface Notice {
	readonly tone: 'done' | 'waiting' | 'refused';
	readonly text: string;
	readonly action: { readonly label: string; readonly act: () => void } | null;
}

export interface CommandsParts {
	readonly incident: IncidentId;
	readonly clock: Clock;
	readonly nameOf: NameOf;
}

interface Answer {
	readonly code: string;
	readonly message: string;
}

const attempts = 4;
const noticeMs = 10_000;
const patienceMs = 1_500;
const away: Answer = {
	code: 'unavailable',
	message: 'Muster cannot be reached, so nothing was changed.',
};

/** Sends commands to the server, which decides; says in words what came of them. */
export class Commands {
	readonly #parts: CommandsParts;
	#notice = $state.raw<Notice | null>(null);
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(parts: CommandsParts) {
		this.#parts = parts;
	}

	get notice(): Notice | null {
		return this.#notice;
	}

	dismiss(): void {
		this.#say(null);
	}

	/** Keeps the notice on the screen while somebody reads or reaches for it. */
	hold(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	/** Lets the notice go after a while. */
	letGo(): void {
		this.hold();
		if (this.#notice && this.#notice.tone !== 'waiting') {
			this.#timer = setTimeout(() => this.dismiss(), noticeMs);
		}
	}

	/** Sends a command; true if it holds now. `before` is what it changes, for the way back. */
	async send(wish: Wish, before: RecordPart): Promise<boolean> {
		const answer = await this.#answerTo(wish);
		if (answer !== null) return this.#refused(wish, before, answer);
		const back = wayBack(wish, before);
		const words = back && doneWords(wish, this.#parts.nameOf);
		this.#say(
			back && words
				? { tone: 'done', text: words, action: { label: 'Undo', act: () => void this.#undo(back) } }
				: null,
		);
		return true;
	}

	async #undo(back: Wish): Promise<void> {
		const answer = await this.#answerTo(back);
		this.#say(
			answer === null
				? { tone: 'done', text: 'Undone.', action: null }
				: { tone: 'refused', text: answer.message, action: null },
		);
	}

	#refused(wish: Wish, before: RecordPart, answer: Answer): false {
		const isLate = answer.code === 'conflict' && 'expects' in wish;
		const again = isLate ? withoutExpects(wish) : isWorthAnother(answer) ? wish : null;
		const label = isLate ? changeWords(wish, this.#parts.nameOf) : 'Try again';
		this.#say({
			tone: 'refused',
			text: answer.message,
			action: again && { label, act: () => void this.send(again, before) },
		});
		return false;
	}

	/** Null if it went well. The key makes it safe to repeat what may or may not have arrived. */
	async #answerTo(wish: Wish): Promise<Answer | null> {
		const slow = setTimeout(() => {
			const text = `${changeWords(wish, this.#parts.nameOf)}: waiting for the server…`;
			this.#say({ tone: 'waiting', text, action: null });
		}, patienceMs);
		try {
			return await this.#post({ ...wish, idempotencyKey: randomKey() });
		} finally {
			clearTimeout(slow);
		}
	}

	async #post(body: object): Promise<Answer | null> {
		for (let attempt = 1; ; attempt++) {
			const answer = await this.#postOnce(body);
			if (answer === null || !isWorthAnother(answer) || attempt === attempts) return answer;
			await new Promise((resume) => setTimeout(resume, 400 * 2 ** attempt));
		}
	}

	async #postOnce(body: object): Promise<Answer | null> {
		try {
			const response = await fetch(`/api/v1/incidents/${this.#parts.incident}/commands`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			this.#parts.clock.learn(response.headers.get('date'));
			if (response.ok) return null;
			const answer = (await response.json()) as { error?: Answer };
			return answer.error ?? away;
		} catch {
			return away;
		}
	}

	#say(notice: Notice | null): void {
		this.#notice = notice;
		this.letGo();
	}
}

function isWorthAnother({ code }: Answer): boolean {
	return code === 'unavailable' || code === 'unclear';
}
