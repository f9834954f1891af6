import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { TurnNotice } from '#server/sync/notice.ts';

/** What is counted elsewhere and looked up when somebody asks. */
export interface Counted {
	/** Rooms that are open, and those that hold what the store does not have yet. */
	readonly rooms: () => number;
	readonly unsavedRooms: () => number;
	/** Sockets of live documents, and of presence. */
	readonly peers: () => number;
	readonly visitors: () => number;
	/** Documents that could not be opened whole. Throws while the store is away. */
	readonly quarantines: () => Promise<number>;
	/** Documents whose projection is to be made anew. Throws while the store is away. */
	readonly outdated: () => Promise<number>;
	/** Whether Redis can be reached; null for a node that is alone. */
	readonly isRedisThere: () => boolean | null;
	/** Messages in the nodes' channels that no node sent. */
	readonly forged: () => number;
	/** How often clients of live documents were refused, by reason. */
	readonly refusals: () => ReadonlyMap<string, number>;
}

/** Muster's numbers for Prometheus, with those of its process: memory, CPU, event loop lag, garbage. */
export class Metrics {
	readonly #registry = new Registry();
	readonly #turns = this.#counter('muster_turns_total', 'Turns that were committed');
	readonly #edits = this.#counter('muster_edits_total', 'Edits in these turns');
	readonly #refusals: Counter<'code'>;
	readonly #requests: Counter<'route' | 'status'>;

	constructor(counted: Counted) {
		const registers = [this.#registry];
		this.#refusals = new Counter({
			name: 'muster_refusals_total',
			help: 'Requests to the API that were refused, by code',
			labelNames: ['code'],
			registers,
		});
		this.#requests = new Counter({
			name: 'muster_http_requests_total',
			help: 'Requests to the API, by route and status',
			labelNames: ['route', 'status'],
			registers,
		});
		this.#gauge('muster_rooms', 'Rooms that are open', counted.rooms);
		this.#gauge('muster_unsaved_rooms', 'Open rooms with unsaved edits', counted.unsavedRooms);
		this.#gauge('muster_peers', 'Sockets of live documents', counted.peers);
		this.#gauge('muster_visitors', 'Sockets of presence', counted.visitors);
		if (counted.isRedisThere() !== null) {
			const isThere = () => Number(counted.isRedisThere());
			this.#gauge('muster_redis_there', 'Whether Redis can be reached', isThere);
			this.#gauge('muster_forged_messages', 'Messages that no node of ours sent', counted.forged);
		}
		this.#stored(
			'muster_quarantined_documents',
			'Documents that could not be opened whole',
			counted.quarantines,
		);
		this.#stored(
			'muster_outdated_projections',
			'Documents whose projection is to be made anew',
			counted.outdated,
		);
		new Counter({
			name: 'muster_sync_refusals_total',
			help: 'Clients of live documents that were refused, by reason',
			labelNames: ['reason'],
			registers,
			collect() {
				this.reset();
				for (const [reason, count] of counted.refusals()) this.inc({ reason }, count);
			},
		});
		collectDefaultMetrics({ register: this.#registry });
	}

	/** The API answered. */
	answered(route: string, status: number): void {
		this.#requests.inc({ route, status });
	}

	/** The API refused something. */
	refused(code: string): void {
		this.#refusals.inc({ code });
	}

	/** A turn was committed. */
	committed(turn: TurnNotice): void {
		this.#turns.inc();
		this.#edits.inc(turn.edits);
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	/** Everything, in Prometheus' text format. */
	text(): Promise<string> {
		return this.#registry.metrics();
	}

	#counter(name: string, help: string): Counter {
		return new Counter({ name, help, registers: [this.#registry] });
	}

	/** While the store is away it is as it was before. */
	#stored(name: string, help: string, read: () => Promise<number>): void {
		const registers = [this.#registry];
		new Gauge({
			name,
			help,
			registers,
			async collect() {
				const value = await read().catch(() => null);
				if (value !== null) this.set(value);
			},
		});
	}

	#gauge(name: string, help: string, value: () => number): void {
		const registers = [this.#registry];
		new Gauge({
			name,
			help,
			registers,
			collect() {
				this.set(value());
			},
		});
	}
}
