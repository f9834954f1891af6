import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { may } from '#core/response/access.ts';
import type { BoardRow } from '#core/wire.ts';
import { createLog } from '#server/log.ts';
import { Attendance } from '#server/persister/attendance.ts';
import { Persister } from '#server/persister/persister.ts';
import { Presence } from '#server/presence/presence.ts';
import { ProcessPresence } from '#server/presence/store.ts';
import type { Present } from '#core/wire.ts';
import type { Database } from '#server/storage/database.ts';
import { readPlace } from '#server/storage/documents.ts';
import { readProjected } from '#server/storage/projection.ts';
import { Doors, type TestVisitor } from './doors.ts';
import { until } from './until.ts';
import { untried } from './workbench.ts';

const publicUrl = 'http://muster.test';
const log = createLog('silent');

/** Presence with its real neighbours: sign-in, store, persister and attendance, on a port of its own. */
export class PresenceStand implements AsyncDisposable {
	readonly doors: Doors;
	readonly admin: TestVisitor;
	readonly presence: Presence;
	readonly persister: Persister;
	readonly attendance: Attendance;
	/** While true the store answers nobody. */
	isAway = false;
	readonly #server: Server;
	readonly #clients = new Set<TestClient>();

	private constructor(doors: Doors, admin: TestVisitor, server: Server) {
		this.doors = doors;
		this.admin = admin;
		this.#server = server;
		const { db, auth } = doors;
		this.attendance = new Attendance({ db, log });
		this.persister = new Persister({
			db,
			opening: untried(db),
			log,
			projected: (id) => this.presence.boardTouched(id),
		});
		this.presence = new Presence({
			httpServer: server,
			log,
			...{ store: new ProcessPresence(), adapter: null },
			now: () => Date.now(),
			identify: (headers) => this.#ask(() => auth.identify(headers)),
			isOwnOrigin: (origin) => origin === publicUrl,
			mayRead: (person, incident) =>
				this.#ask(async () => may(person, 'read', null) && (await this.#isKnown(incident))),
			rowsOf: (incidents) => this.#ask(() => this.#rowsOf(incidents)),
			attended: (stay, at) => this.attendance.attended(stay, at),
			left: (stay, at) => this.attendance.left(stay, at),
		});
	}

	static async open(): Promise<PresenceStand> {
		const doors = await Doors.open({ publicUrl });
		const server = createServer((_request, response) => void response.writeHead(404).end());
		const stand = new PresenceStand(doors, await doors.firstAdmin(), server);
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return stand;
	}

	get db(): Database {
		return this.doors.db;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** How many sockets are open, of any kind. */
	connections(): Promise<number> {
		const { promise, resolve } = Promise.withResolvers<number>();
		this.#server.getConnections((_error, count) => resolve(count));
		return promise;
	}

	/** Makes somebody who acts through a token, and gives that token. */
	async token(name: string, access: 'viewer' | 'responder' = 'responder'): Promise<string> {
		const { body } = await this.admin.call('POST', '/tokens', { name, access });
		if (!body.token) throw new Error(JSON.stringify(body));
		return body.token;
	}

	/** Somebody who is connected. */
	async person(name: string): Promise<TestClient> {
		const client = this.client({ Authorization: `Bearer ${await this.token(name)}` });
		await client.connected();
		return client;
	}

	/** A client that begins to connect with these headers. */
	client(headers: Record<string, string>, options: ClientOptions = {}): TestClient {
		const client = new TestClient(options.port ?? this.port, headers, options);
		this.#clients.add(client);
		return client;
	}

	#ask<T>(question: () => Promise<T>): Promise<T> {
		return this.isAway ? Promise.reject(new Error('The store is away.')) : question();
	}

	async #isKnown(incident: IncidentId): Promise<boolean> {
		return (await readPlace(this.db.sql, roomDocumentOf(incident))) !== null;
	}

	async #rowsOf(incidents: readonly IncidentId[]): Promise<BoardRow[]> {
		const rows = await readProjected(this.db.sql, incidents);
		const people = await this.presence.counts(incidents);
		return rows.map(({ id, number, title, kind, severity, status, ...row }) => ({
			...{ id, number, title, kind, severity, status, commander: null },
			...{ declaredAt: row.declaredAt, impact: row.impact, emptyRoles: row.emptyRoles },
			people: people.get(id) ?? 0,
		}));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const client of this.#clients) client.socket.disconnect();
		await this.presence[Symbol.asyncDispose]();
		this.#server.close();
		this.#server.closeAllConnections();
		await this.persister[Symbol.asyncDispose]();
		await this.attendance[Symbol.asyncDispose]();
		await this.doors[Symbol.asyncDispose]();
	}
}

export interface ClientOptions extends Partial<ManagerOptions & SocketOptions> {
	readonly port?: number;
}

/** A stock socket.io client that remembers what it heard. */
export class TestClient {
	readonly socket: Socket;
	/** By incident, the last list of who is there. */
	readonly present = new Map<string, readonly Present[]>();
	readonly rows: BoardRow[] = [];
	/** Why connections failed and ended, in order. */
	readonly errors: (Error & { data?: unknown })[] = [];
	readonly ends: string[] = [];

	constructor(port: number, headers: Record<string, string>, options: ClientOptions) {
		this.socket = io(`http://127.0.0.1:${port}`, {
			transports: ['websocket'],
			forceNew: true,
			extraHeaders: headers,
			reconnectionDelay: 20,
			reconnectionDelayMax: 50,
			...options,
		});
		this.socket.on('present', (message: { incident: string; people: readonly Present[] }) =>
			this.present.set(message.incident, message.people),
		);
		this.socket.on(
			'boardChanged',
			({ rows }: { rows: BoardRow[] }) => void this.rows.push(...rows),
		);
		this.socket.on('connect_error', (error) => void this.errors.push(error));
		this.socket.on('disconnect', (reason) => void this.ends.push(reason));
	}

	async connected(): Promise<void> {
		await until('the client is connected', () => this.socket.connected);
	}

	/** Sends an event and gives the answer to it. */
	async ask(event: string, ...args: unknown[]): Promise<{ error?: { code: string } }> {
		return (await this.socket.timeout(5_000).emitWithAck(event, ...args)) as {
			error?: { code: string };
		};
	}

	/** The names of those who are in a room, as this client last heard. */
	namesIn(incident: string): string[] {
		return (this.present.get(incident) ?? []).map(({ name }) => name);
	}

	/** Waits until this client sees exactly these in a room, in the order in which they came. */
	async sees(incident: string, ...names: string[]): Promise<void> {
		await until(`${names.join(', ')} are seen`, () => {
			return this.namesIn(incident).join() === names.join();
		});
	}
}
