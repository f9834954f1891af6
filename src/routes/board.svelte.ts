import { invalidate } from '$app/navigation';
import { isOver, severities } from '#core/incident/lifecycle.ts';
import { protocolVersion } from '#core/protocol.ts';
import type { BoardRow } from '#core/wire.ts';

/** What the board can show. */
export const views = ['open', 'recent', 'all'] as const;
export type View = (typeof views)[number];

/** Open incidents by severity, then the oldest first; the others with the newest first. */
export function ordered(rows: readonly BoardRow[], view: View): readonly BoardRow[] {
	const byAge = (a: BoardRow, b: BoardRow) => a.number - b.number;
	if (view !== 'open') return rows.toSorted((a, b) => byAge(b, a));
	return rows
		.filter((row) => !isOver(row.status))
		.sort((a, b) => urgency(a) - urgency(b) || byAge(a, b));
}

/** An incident that nobody has rated yet stands below SEV2: it may be anything. */
function urgency({ severity }: BoardRow): number {
	return severity === null ? 1.5 : severities.indexOf(severity);
}

/** Keeps the board as it is on the server while it is watched. */
export class Board {
	#changed = $state.raw<ReadonlyMap<string, BoardRow>>(new Map());
	#isLive = $state(true);
	#isOutdated = $state(false);

	/** Whether changes arrive by themselves. */
	get isLive(): boolean {
		return this.#isLive;
	}

	/** Whether nothing arrives until this page is loaded again. */
	get isOutdated(): boolean {
		return this.#isOutdated;
	}

	/** The rows that the page loaded, with what changed since. */
	withChanges(loaded: readonly BoardRow[]): readonly BoardRow[] {
		const rows = new Map(loaded.map((row) => [row.id as string, row]));
		for (const [id, row] of this.#changed) rows.set(id, row);
		return [...rows.values()];
	}

	/** Forgets changes: what is loaded next holds them. */
	forget(): void {
		this.#changed = new Map();
	}

	/** Listens until the returned function is called. `ondeclared` hears of incidents that are new here. */
	watch(isKnown: (id: string) => boolean, ondeclared: (row: BoardRow) => void): () => void {
		const stop = new AbortController();
		this.#listen(stop.signal, isKnown, ondeclared).catch(() => (this.#isLive = false));
		return () => stop.abort();
	}

	async #listen(
		signal: AbortSignal,
		isKnown: (id: string) => boolean,
		ondeclared: (row: BoardRow) => void,
	): Promise<void> {
		const { io } = await import('socket.io-client');
		if (signal.aborted) return;
		const socket = io({ transports: ['websocket'], query: { v: protocolVersion } });
		signal.addEventListener('abort', () => socket.close());
		let wasConnected = false;
		socket.on('connect', () => {
			this.#isLive = true;
			socket.emit('board');
			// Whatever happened while the line was down is read again.
			if (wasConnected) void invalidate('muster:board').then(() => this.forget());
			wasConnected = true;
		});
		socket.on('disconnect', () => (this.#isLive = signal.aborted));
		socket.on('connect_error', (error: Error & { data?: { code?: unknown } }) => {
			this.#isLive = false;
			this.#isOutdated = error.data?.code === 'outdated';
		});
		socket.on('boardChanged', ({ rows }: { rows: readonly BoardRow[] }) => {
			for (const row of rows) if (!isKnown(row.id) && !isOver(row.status)) ondeclared(row);
			this.#changed = new Map([...this.#changed, ...rows.map((row) => [row.id, row] as const)]);
		});
	}
}
