import { setTimeout as pause } from 'node:timers/promises';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { endStaleAttendance, noteAttendance, type Attended } from '#server/storage/attendance.ts';
import type { Database } from '#server/storage/database.ts';

/** Somebody's presence in a room on one connection. */
export interface Attendee {
	readonly incident: IncidentId;
	readonly person: PersonId;
	readonly conn: string;
}

/** Somebody who is there, and since when this process knows (monotonic ms). */
interface Here {
	readonly stay: Attended;
	readonly heardAt: number;
}

/**
 * Keeps who was in which room from when to when. It is told at once and writes a little later; while
 * the store is away it waits with what it knows. A glance of less than a second is no attendance.
 */
export class Attendance implements AsyncDisposable {
	readonly #db: Database;
	readonly #log: Logger;
	readonly #here = new Map<string, Here>();
	readonly #unwritten = new Map<string, Attended>();
	#heartbeat: NodeJS.Timeout | null = null;
	#soon: NodeJS.Timeout | null = null;
	#writing: Promise<void> = Promise.resolve();
	#isOver = false;

	constructor(parts: { readonly db: Database; readonly log: Logger }) {
		this.#db = parts.db;
		this.#log = parts.log;
	}

	/** Begins to note who is there; whom a node that is gone has left behind is seen off. */
	async start(): Promise<void> {
		this.#heartbeat = setInterval(() => this.#beat(), limits.attendanceMs);
		await this.#write({ isBeat: true });
	}

	/** Somebody came in, at this instant (epoch ms). */
	attended(attendee: Attendee, at: number): void {
		const key = keyOf(attendee);
		const stay = { ...attendee, enteredAt: at, leftAt: null };
		this.#here.set(key, { stay, heardAt: performance.now() });
		this.#unwritten.set(`${key} ${at}`, stay);
		this.#writeSoon();
	}

	/** Somebody went, at this instant (epoch ms). */
	left(attendee: Attendee, at: number): void {
		const key = keyOf(attendee);
		const here = this.#here.get(key)?.stay;
		if (!here) return;
		this.#here.delete(key);
		const line = `${key} ${here.enteredAt}`;
		const isGlance = at - here.enteredAt < limits.glanceMs && this.#unwritten.delete(line);
		if (isGlance) return;
		this.#unwritten.set(line, { ...here, leftAt: Math.max(at, here.enteredAt) });
		this.#writeSoon();
	}

	#writeSoon(): void {
		if (this.#isOver) return;
		this.#soon ??= setTimeout(() => {
			this.#soon = null;
			void this.#write({});
		}, limits.glanceMs);
	}

	#beat(): void {
		for (const [key, { stay }] of this.#here) this.#unwritten.set(`${key} ${stay.enteredAt}`, stay);
		void this.#write({ isBeat: true });
	}

	/** Whoever has come just now and may go on at once. */
	#mayBeGlance(stay: Attended): boolean {
		const here = this.#here.get(keyOf(stay));
		return here?.stay === stay && performance.now() - here.heardAt < limits.glanceMs;
	}

	/** One after the other, so that nobody who left comes back by a late write. */
	#write(how: { isBeat?: boolean; isLast?: boolean }): Promise<void> {
		this.#writing = this.#writing.then(() => this.#writeNow(how));
		return this.#writing;
	}

	async #writeNow({ isBeat = false, isLast = false }): Promise<void> {
		const lines = [...this.#unwritten].filter(([, stay]) => isLast || !this.#mayBeGlance(stay));
		if (lines.length < this.#unwritten.size) this.#writeSoon();
		try {
			await noteAttendance(
				this.#db.sql,
				lines.map(([, line]) => line),
			);
			for (const [key, line] of lines) {
				if (this.#unwritten.get(key) === line) this.#unwritten.delete(key);
			}
			if (isBeat) await endStaleAttendance(this.#db.sql, limits.attendanceStaleMs);
		} catch (error) {
			this.#log.warn({ err: error }, 'attendance is not written yet');
		}
	}

	/** What is known is written, if the store answers in time. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isOver = true;
		if (this.#heartbeat) clearInterval(this.#heartbeat);
		if (this.#soon) clearTimeout(this.#soon);
		const written = this.#write({ isLast: true });
		await Promise.race([written, pause(limits.persisterEndMs, null, { ref: false })]);
	}
}

function keyOf({ incident, conn }: Attendee): string {
	return `${incident} ${conn}`;
}
