import type { IncidentId } from '#core/ids.ts';
import type { Present } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import { Gathering } from '#server/presence/gathering.ts';
import { personsIn, ProcessPresence, type PresenceStore } from '#server/presence/store.ts';
import type { Link } from './link.ts';

/** What a node said last of its people in a room. */
interface Told {
	readonly people: readonly Present[];
	/** Rises with everything that the node says. */
	readonly at: number;
	/** When it was heard here (monotonic ms). */
	readonly heardAt: number;
}

/** A room that somebody of this node is in. */
interface Followed {
	readonly nodes: Map<string, Told>;
	readonly end: () => void;
}

const version = 1;

/**
 * Presence of all nodes. Each tells the others whole lists of its own people, when one changes and as
 * a heartbeat, and leaves them in Redis for who comes later: what is lost is told again, and who is
 * silent is gone.
 */
export class SharedPresence implements PresenceStore, Disposable {
	readonly #link: Link;
	readonly #own = new ProcessPresence();
	readonly #followed = new Map<IncidentId, Followed>();
	readonly #telling: Gathering<IncidentId>;
	readonly #beat: NodeJS.Timeout;
	#hear: (incident: IncidentId, haveCome: boolean) => void = () => undefined;
	#last = 0;

	constructor(link: Link) {
		this.#link = link;
		this.#telling = new Gathering(limits.presentMs, (rooms) =>
			rooms.forEach((one) => this.#tell(one)),
		);
		this.#beat = setInterval(() => this.#keepAlive(), limits.presenceBeatMs);
		link.onChange((isThere) => this.#linkChanged(isThere));
	}

	get isWhole(): boolean {
		return this.#link.isThere;
	}

	put(incident: IncidentId, present: Present): void {
		this.#own.put(incident, present);
		if (!this.#followed.has(incident)) this.#follow(incident);
		this.#telling.touch(incident);
	}

	remove(incident: IncidentId, conn: string): void {
		this.#own.remove(incident, conn);
		this.#telling.touch(incident);
		if (this.#own.has(incident)) return;
		this.#followed.get(incident)?.end();
		this.#followed.delete(incident);
	}

	in(incident: IncidentId): readonly Present[] {
		const others = this.#followed.get(incident)?.nodes.values() ?? [];
		const all = [...this.#own.in(incident), ...Array.from(others, ({ people }) => people).flat()];
		return all.sort((a, b) => a.since - b.since || (a.conn < b.conn ? -1 : 1));
	}

	async counts(incidents: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, number>> {
		const counted = incidents.map(async (incident) => {
			const people = this.#followed.has(incident)
				? this.in(incident)
				: (await this.#left(incident)).flatMap(({ told }) => told.people);
			return [incident, personsIn(people)] as const;
		});
		return new Map(await Promise.all(counted));
	}

	onChange(hear: (incident: IncidentId, haveCome: boolean) => void): void {
		this.#hear = hear;
	}

	#nameOf(incident: IncidentId): string {
		return this.#link.nameOf('present', incident);
	}

	#follow(incident: IncidentId): void {
		const nodes = new Map<string, Told>();
		const hear = (body: Buffer, node: string): void => {
			const told = readTold(body);
			if (told) this.#take(incident, node, told);
		};
		const held = () => void this.#lookAround(incident);
		this.#followed.set(incident, { nodes, end: () => end() });
		const end = this.#link.listen(this.#nameOf(incident), hear, held);
	}

	/** Who was there before we listened. */
	async #lookAround(incident: IncidentId): Promise<void> {
		for (const { node, told } of await this.#left(incident)) this.#take(incident, node, told);
	}

	async #left(incident: IncidentId): Promise<{ node: string; told: Told }[]> {
		const left = (await this.#link.left(this.#nameOf(incident))) ?? [];
		return left.flatMap(({ node, body }) => {
			const told = readTold(body);
			if (!told) return [];
			// Its node may be gone: the others keep the key alive. Nodes' clocks agree in a few seconds.
			const ageMs = Math.max(0, Date.now() - told.at);
			if (ageMs > limits.presenceSilenceMs + limits.nodeSkewMs) return [];
			return [{ node, told: { ...told, heardAt: told.heardAt - ageMs } }];
		});
	}

	#take(incident: IncidentId, node: string, told: Told): void {
		const nodes = this.#followed.get(incident)?.nodes;
		if (!nodes || told.at < (nodes.get(node)?.at ?? 0)) return;
		const before = nodes.get(node)?.people ?? [];
		nodes.set(node, told);
		if (JSON.stringify(told.people) === JSON.stringify(before)) return;
		this.#hear(incident, personsIn(told.people) !== personsIn(before));
	}

	#tell(incident: IncidentId): void {
		const people = this.#own.in(incident);
		const name = this.#nameOf(incident);
		this.#last = Math.max(this.#last + 1, Date.now());
		const body = Buffer.from(JSON.stringify({ version, at: this.#last, people }));
		this.#link.say(name, body);
		if (people.length > 0) this.#link.leave(name, body, limits.presenceSilenceMs);
		else this.#link.takeAway(name);
	}

	#keepAlive(): void {
		for (const incident of this.#own.rooms) this.#telling.touch(incident);
		const since = performance.now() - limits.presenceSilenceMs;
		for (const [incident, { nodes }] of this.#followed) {
			for (const [node, { heardAt }] of nodes) {
				if (heardAt >= since) continue;
				nodes.delete(node);
				this.#link.takeAway(this.#nameOf(incident), node);
				this.#hear(incident, true);
			}
		}
	}

	/** Those who could not be heard may have come and gone. */
	#linkChanged(isThere: boolean): void {
		for (const incident of this.#followed.keys()) {
			this.#hear(incident, true);
			if (isThere) this.#telling.touch(incident);
		}
	}

	[Symbol.dispose](): void {
		clearInterval(this.#beat);
		this.#telling[Symbol.dispose]();
		for (const { end } of this.#followed.values()) end();
	}
}

/** What a node of ours told; null for what a newer Muster tells in another way. */
function readTold(body: Buffer): Told | null {
	const message = jsonIn(body) as ({ version?: number } & Omit<Told, 'heardAt'>) | null;
	if (message?.version !== version) return null;
	const { people, at } = message;
	if (!Array.isArray(people) || typeof at !== 'number') return null;
	return { people, at, heardAt: performance.now() };
}

function jsonIn(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString());
	} catch {
		return null;
	}
}
