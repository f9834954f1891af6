import { impactOf, theoryOf } from '#core/incident/document.ts';
import { entryText } from '#core/incident/entries.ts';
import { decodeHistory } from '#core/incident/history.ts';
import { readNotes } from '#core/incident/notes.ts';
import { readIncident, type NameOf } from '#core/incident/reading.ts';
import { leavesOut, readFacts, type Fact } from '#core/incident/record.ts';
import { Authors, type Passage } from '#core/review/blame.ts';
import { changesBetween, type Change } from '#core/review/changes.ts';
import { clocksOf, isNotYetKnown, readMoment } from '#core/review/clocks.ts';
import { Frames, type HistoryHeader } from '#core/review/download.ts';
import { comingsAndGoings } from '#core/review/marks.ts';
import { Replay } from '#core/review/replay.ts';
import { lanesOf } from './lanes.ts';
import type { Instant, Overview, Progress, Shown, Written } from './messages.ts';

/** Opens a history's frames: the browser has gzip, and so has Node. */
async function unzip(frame: Uint8Array): Promise<Uint8Array> {
	const bytes = new Blob([frame as Uint8Array<ArrayBuffer>]).stream();
	const plain = bytes.pipeThrough(new DecompressionStream('gzip'));
	return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** Holds an incident's whole history and answers what a reviewer asks of it, in a worker of the page. */
export class Reviewer {
	#replay = new Replay();
	#authors = new Authors();
	#authored = 0;
	/** How often something of the history was changed after the fact: removed for good, or left out. */
	#rewritten = 0;
	#told: Overview | null = null;
	#header: HistoryHeader | null = null;
	#names: ReadonlyMap<string, string> = new Map();

	readonly #nameOf: NameOf = (person) => this.#names.get(person) ?? 'Somebody';

	/** Fetches the turns that are not here yet. Throws if that fails; then asked again it goes on. */
	async load(
		fetchAfter: (turn: number) => Promise<Response>,
		onProgress: (progress: Progress) => void,
	): Promise<Overview> {
		const after = this.#replay.length;
		const response = await fetchAfter(after);
		if (!response.ok || !response.body) throw new Error(`The server answers ${response.status}.`);
		const frames = new Frames();
		let isFirst = true;
		for await (const piece of piecesOf(response.body)) {
			for (const frame of frames.take(piece)) {
				const plain = await unzip(frame);
				if (isFirst) this.#begin(JSON.parse(new TextDecoder().decode(plain)) as HistoryHeader);
				else this.#replay.add(decodeHistory(plain));
				isFirst = false;
				onProgress({ done: this.#replay.length, of: this.#header?.turn ?? 0 });
			}
		}
		if (isFirst || !frames.isWhole) throw new Error('The history broke off.');
		if (this.#told && after === this.#replay.length) return { ...this.#told, ...this.#heading() };
		const rewritten = readFacts(this.#replay.latest).filter(rewrites).length;
		if (rewritten === this.#rewritten || after === 0) {
			this.#rewritten = rewritten;
			this.#told = this.#overview();
			return this.#told;
		}
		this.#forget();
		return this.load(fetchAfter, onProgress);
	}

	/** What came before was rewritten: it is fetched anew, and nothing of what was is kept. */
	#forget(): void {
		this.#replay[Symbol.dispose]();
		this.#replay = new Replay();
		this.#authors = new Authors();
		this.#authored = 0;
		this.#told = null;
	}

	#begin(header: HistoryHeader): void {
		this.#header = header;
		this.#names = new Map(header.people.map(({ id, name }) => [id, name]));
	}

	#overview(): Overview {
		const { latest, turns } = this.#replay;
		const reading = readIncident(latest, this.#nameOf);
		const clocks = clocksOf(reading.origin);
		const told = {
			turns,
			facts: readFacts(latest),
			timeline: reading.timeline,
			milestones: Object.values(reading.milestones).map(({ at }) => at),
			comings: comingsAndGoings(this.#header?.visits ?? [], this.#nameOf),
			isLive: clocks.includes('known'),
		};
		return {
			...this.#heading(),
			clocks,
			lanes: Object.fromEntries(clocks.map((clock) => [clock, lanesOf(told, clock)])),
		};
	}

	#heading(): Pick<Overview, 'turns' | 'isOpen' | 'shownAsOf' | 'people'> {
		return {
			turns: this.#replay.length,
			isOpen: this.#header?.isOpen ?? false,
			shownAsOf: this.#header?.shownAsOf ?? null,
			people: this.#header?.people ?? [],
		};
	}

	/** The incident at an instant. */
	show({ at, clock }: Instant): Shown {
		const { latest } = this.#replay;
		const turn = this.#replay.turnAt(at);
		const known = this.#replay.documentAt(turn);
		const reading = readMoment({ clock, at, known, latest }, this.#nameOf);
		const isTold = clocksOf(reading.origin).includes('known');
		const unknown =
			clock === 'happened' && isTold
				? reading.timeline.filter((item) => isNotYetKnown(item, at))
				: [];
		return {
			...{ at, clock, turn, reading },
			notes: readNotes(isTold ? known : latest),
			notYetKnown: new Set(unknown.map(({ id }) => id)),
		};
	}

	/** What changed from one instant to another. */
	changes(from: Instant, to: Instant): readonly Change[] {
		return changesBetween(this.show(from).reading, this.show(to).reading, this.#nameOf);
	}

	/** Who wrote what of something, as it was at an instant. */
	passages({ at, clock }: Instant, written: Written): readonly (readonly Passage[])[] {
		const { turns, latest } = this.#replay;
		this.#authors.add(turns.slice(this.#authored));
		this.#authored = turns.length;
		const isEntry = written.of === 'entry';
		const doc =
			isEntry && clock === 'happened' ? latest : this.#replay.documentAt(this.#replay.turnAt(at));
		if (written.of === 'notes') return this.#authors.passagesOfNotes(doc);
		const text =
			written.of === 'entry'
				? entryText(doc, written.entry)
				: written.of === 'impact'
					? impactOf(doc)
					: theoryOf(doc);
		return text ? [this.#authors.passagesOf(text)] : [];
	}
}

function rewrites(fact: Fact): boolean {
	return fact.kind === 'removed' || leavesOut(fact);
}

/** A stream piece by piece: not every browser can iterate it. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
	const reader = stream.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		yield value;
	}
}
