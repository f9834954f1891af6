import type { PersonId } from '#core/ids.ts';
import { instantAt, placeOn, playedFrom } from '#core/review/axis.ts';
import type { Passage } from '#core/review/blame.ts';
import type { Change } from '#core/review/changes.ts';
import type { ReviewClock } from '#core/review/clocks.ts';
import { keepUnchanged } from '../keepUnchanged.ts';
import { Assistant } from './assistant.ts';
import type {
	Answers,
	Instant,
	Lanes,
	Overview,
	Progress,
	Question,
	Shown,
	Written,
} from './messages.ts';

export const speeds = [1, 10, 60, 300] as const;
export type Speed = (typeof speeds)[number];

/** While it plays the screen changes this often, and the position this often. */
const redrawMs = 2_000;
const moveMs = 100;
const lookMs = 2_000;

export interface ReviewParts {
	readonly incident: string;
	/** What the server rendered. */
	readonly first: Shown;
	/** Whether that is the latest, whatever comes; else it is the moment that somebody asked for. */
	readonly isLatest: boolean;
	readonly people: readonly { readonly id: PersonId; readonly name: string }[];
	/** Whether it plays in steps, from event to event. */
	readonly isCalm: () => boolean;
}

/**
 * A review of an incident: where on which clock the reviewer is, and what is seen there. It starts from
 * what the server rendered; once the history is here it needs no server any more. Instants are epoch ms.
 */
export class Review {
	readonly #parts: ReviewParts;
	#assistant: Assistant | null = null;
	#overview = $state.raw<Overview | null>(null);
	#shown = $state.raw<Shown>() as Shown;
	#progress = $state.raw<Progress | null>(null);
	#trouble = $state(false);
	#at = $state(0);
	#clock = $state<ReviewClock>('known');
	#speed = $state<Speed>(60);
	#player = $state.raw<ReturnType<typeof setInterval> | null>(null);
	#isFollowing = $state(false);
	#isAsking = false;
	#wanted: Instant | null = null;
	#shownAt = 0;
	#look: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: ReviewParts) {
		this.#parts = parts;
		this.#shown = parts.first;
		this.#at = parts.first.at;
		this.#clock = parts.first.clock;
	}

	/** Begins to fetch the history, in the browser; gives what ends it. */
	start(): () => void {
		this.#assistant = new Assistant((progress) => (this.#progress = progress));
		void this.load();
		return () => this.#end();
	}

	#ask<Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind]> {
		if (!this.#assistant) throw new Error('The review has not begun.');
		return this.#assistant.ask<Kind>(question);
	}

	/** Fetches the history; of an incident that is still open also what comes. */
	async load(): Promise<void> {
		clearTimeout(this.#look);
		const { incident } = this.#parts;
		try {
			const overview = await this.#ask({ kind: 'load', incident });
			this.#trouble = false;
			if (overview.turns !== this.#overview?.turns || !overview.isOpen) this.#take(overview);
		} catch {
			this.#trouble = true;
		}
		const mayGoOn = this.#overview?.isOpen ?? false;
		if (mayGoOn) this.#look = setTimeout(() => void this.#lookAgain(), lookMs);
	}

	#take(overview: Overview): void {
		const wasAtEnd = this.lanes ? this.#at >= this.lanes.axis.to : this.#parts.isLatest;
		this.#overview = overview;
		this.#isFollowing = overview.isOpen && wasAtEnd;
		this.#move(wasAtEnd ? (this.lanes?.axis.to ?? this.#at) : this.#at);
	}

	#lookAgain(): Promise<void> | void {
		if (!document.hidden) return this.load();
		this.#look = setTimeout(() => void this.#lookAgain(), lookMs);
	}

	get shown(): Shown {
		return this.#shown;
	}

	get at(): number {
		return this.#at;
	}

	get clock(): ReviewClock {
		return this.#clock;
	}

	/** Null until the history is here. */
	get overview(): Overview | null {
		return this.#overview;
	}

	get lanes(): Lanes | null {
		return this.#overview?.lanes[this.#clock] ?? null;
	}

	get progress(): Progress | null {
		return this.#progress;
	}

	/** The history, or what is new of it, could not be fetched. */
	get isInTrouble(): boolean {
		return this.#trouble;
	}

	get speed(): Speed {
		return this.#speed;
	}

	get isPlaying(): boolean {
		return this.#player !== null;
	}

	/** Whether it shows what comes in, as the incident is still open. */
	get isFollowing(): boolean {
		return this.#isFollowing;
	}

	readonly nameOf = (person: PersonId): string =>
		(this.#overview?.people ?? this.#parts.people).find(({ id }) => id === person)?.name ??
		'Somebody';

	/** Where the position lies on the axis, in [0, 1]. */
	get place(): number {
		return this.lanes ? placeOn(this.lanes.axis, this.#at) : 1;
	}

	/** Goes to an instant; what lies outside the axis is at its ends. */
	seek(at: number): void {
		this.#isFollowing = false;
		this.#move(at);
	}

	seekPlace(place: number): void {
		if (this.lanes) this.seek(instantAt(this.lanes.axis, place));
	}

	#move(at: number): void {
		const axis = this.lanes?.axis;
		this.#at = axis ? Math.min(axis.to, Math.max(axis.from, Math.round(at))) : at;
		this.#isFollowing ||= this.#isOpenAt(this.#at);
		this.#want();
	}

	#isOpenAt(at: number): boolean {
		return this.#overview?.isOpen === true && at >= (this.lanes?.axis.to ?? Infinity);
	}

	/** To the newest turn; of an open incident it stays there. */
	follow(): void {
		this.#move(this.lanes?.axis.to ?? this.#at);
	}

	useClock(clock: ReviewClock): void {
		this.#clock = clock;
		this.#move(this.#at);
	}

	/** To the next instant of a list in one direction; true if there is one. */
	step(instants: readonly number[], way: 1 | -1): boolean {
		const next =
			way === 1 ? instants.find((at) => at > this.#at) : instants.findLast((at) => at < this.#at);
		if (next !== undefined) this.seek(next);
		return next !== undefined;
	}

	play(speed: Speed = this.#speed): void {
		this.#speed = speed;
		const { lanes } = this;
		if (!lanes) return;
		if (this.#at >= lanes.axis.to) this.seek(lanes.axis.from);
		clearInterval(this.#player ?? undefined);
		const isCalm = this.#parts.isCalm();
		let last = performance.now();
		this.#player = setInterval(
			() => {
				const now = performance.now();
				if (isCalm) this.#stepOn();
				else this.#playOn((now - last) * this.#speed);
				last = now;
			},
			isCalm ? redrawMs : moveMs,
		);
	}

	#stepOn(): void {
		if (!this.lanes || !this.step(this.lanes.events, 1)) this.pause();
	}

	#playOn(ms: number): void {
		const axis = this.lanes?.axis;
		if (!axis) return this.pause();
		this.#at = Math.round(playedFrom(axis, this.#at, ms));
		if (this.#at >= axis.to) return this.pause();
		if (performance.now() - this.#shownAt >= redrawMs) this.#want();
	}

	pause(): void {
		clearInterval(this.#player ?? undefined);
		this.#player = null;
		this.#want();
	}

	/** Asks for what is to be seen; while one question is open only the last of the others counts. */
	#want(): void {
		if (!this.#overview) return;
		this.#wanted = { at: this.#at, clock: this.#clock };
		if (!this.#isAsking) void this.#show();
	}

	async #show(): Promise<void> {
		this.#isAsking = true;
		while (this.#wanted) {
			const instant = this.#wanted;
			this.#wanted = null;
			this.#shownAt = performance.now();
			try {
				this.#draw(await this.#ask({ kind: 'show', instant }));
			} catch {
				this.#trouble = true;
			}
		}
		this.#isAsking = false;
	}

	/** With the objects that were there, so that only what changed is drawn again. */
	#draw(next: Shown): void {
		const before = this.#shown.reading;
		const timeline = keepUnchanged(before.timeline, next.reading.timeline);
		const tasks = keepUnchanged(before.tasks, next.reading.tasks);
		this.#shown = { ...next, reading: { ...next.reading, timeline, tasks } };
	}

	changes(from: number, to: number): Promise<readonly Change[]> {
		const clock = this.#clock;
		return this.#ask({
			kind: 'changes',
			from: { at: from, clock },
			to: { at: to, clock },
		});
	}

	/** Who wrote what of something that is seen now. */
	passages(written: Written): Promise<readonly (readonly Passage[])[]> {
		const instant = { at: this.#shown.at, clock: this.#shown.clock };
		return this.#ask({ kind: 'passages', instant, written });
	}

	#end(): void {
		clearInterval(this.#player ?? undefined);
		clearTimeout(this.#look);
		this.#assistant?.[Symbol.dispose]();
		this.#assistant = null;
	}
}
