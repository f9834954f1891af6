import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { ulidSource, type DocumentId, type IncidentId } from '#core/ids.ts';
import { may } from '#core/response/access.ts';
import { Auth } from './auth/auth.ts';
import type { Config } from './config.ts';
import { createApi } from './http/api.ts';
import { commandRoutes } from './http/api/commands.ts';
import { entryRoutes } from './http/api/entries.ts';
import { importRoutes } from './http/api/imports.ts';
import { incidentRoutes } from './http/api/incidents.ts';
import { invitationRoutes } from './http/api/invitations.ts';
import { peopleRoutes } from './http/api/people.ts';
import { sessionRoutes } from './http/api/session.ts';
import { setupRoutes } from './http/api/setup.ts';
import { tokenRoutes } from './http/api/tokens.ts';
import { createHealth } from './http/health.ts';
import { Metrics } from './http/metrics.ts';
import { originRule } from './http/origin.ts';
import { pageDoor, type PageHandler } from './http/pages.ts';
import { httpServer, type UpgradeDoor } from './http/server.ts';
import { statuses } from './http/statuses.ts';
import { boardRow } from './incidents/board.ts';
import type { Logger } from './log.ts';
import { Attendance } from './persister/attendance.ts';
import { Persister } from './persister/persister.ts';
import { Presence } from './presence/presence.ts';
import { readPlace } from './storage/documents.ts';
import { readProjected } from './storage/projection.ts';
import { isThere, openStore } from './storage/store.ts';
import { documentOf, Rooms, type TurnNotice } from './sync/rooms.ts';
import { syncDoor } from './sync/upgrade.ts';

export interface AppParts {
	readonly config: Config;
	readonly log: Logger;
	/** The handler of the pages, loaded once the API answers. */
	readonly pages: () => Promise<PageHandler>;
	/** The websockets of pages that are being developed. */
	readonly pagesUpgrade?: UpgradeDoor;
}

/** A running Muster. Disposed, it lets everybody go, saves what it can, and ends its store. */
export interface App extends AsyncDisposable {
	/** The address that people use. */
	readonly url: string;
	readonly port: number;
	/** The one-time link that makes the first admin, or null once there is one. */
	setupLink(): string | null;
}

/** Starts everything, in order: what is below is there before what stands on it. */
export async function startApp(parts: AppParts): Promise<App> {
	const { config, log, pages: loadPages, pagesUpgrade } = parts;
	await using stack = new AsyncDisposableStack();
	const loadingPages = loadPages();
	loadingPages.catch(() => undefined /* awaited below, once there is a store */);
	await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
	const db = stack.use(await openStore(config, log.child({ part: 'store' })));
	const now = () => Date.now();
	let isStopping = false;
	const isOwnOrigin = originRule(config.publicUrl);
	const auth: Auth = stack.use(
		await Auth.open({
			db,
			log: log.child({ part: 'auth' }),
			publicUrl: config.publicUrl,
			adminToken: config.adminToken,
			now,
			onSignedOut: (session) => {
				rooms.signedOut(session);
				presence.signedOut(session);
			},
			onAccessChanged: (person) => {
				rooms.accessChanged(person);
				presence.accessChanged(person);
			},
			openSessions: () => [...rooms.sessions(), ...presence.sessions()],
		}),
	);
	const { nameOf } = auth.people;
	const peopleIn = (incident: IncidentId): number => presence.peopleIn(incident);
	const id = ulidSource(now, (bytes) => randomFillSync(bytes));
	const persister = stack.use(
		new Persister({
			db,
			log: log.child({ part: 'persister' }),
			projected: (incident) => presence.boardTouched(incident),
		}),
	);
	const attendance = stack.use(new Attendance({ db, log: log.child({ part: 'attendance' }) }));
	const metrics = new Metrics({
		rooms: () => rooms.open,
		unsavedRooms: () => rooms.unsaved,
		peers: () => rooms.peers,
		visitors: () => presence.open,
	});
	const heard = (turn: TurnNotice): void => {
		persister.heard(turn);
		metrics.committed(turn);
	};
	const rooms: Rooms = new Rooms({
		db,
		log: log.child({ part: 'sync' }),
		dataDir: path.resolve(config.dataDir),
		id,
		now,
		nameOf,
		notice: heard,
		unsaved: () => undefined,
		unloaded: (document) => persister.unloaded(document),
	});
	const isKnown = async (id: string): Promise<boolean> => {
		const document = id as DocumentId; // a room's document has its incident's id
		return rooms.isOpen(document) || (await readPlace(db.sql, document)) !== null;
	};
	const sync = syncDoor({
		rooms,
		log: log.child({ part: 'sync' }),
		identify: (headers) => auth.identify(headers),
		isOwnOrigin,
		isKnown,
		statusOf: ({ code }) => statuses[code],
	});
	const incidents = {
		db,
		rooms,
		people: auth.people,
		id,
		now,
		peopleIn,
		notice: heard,
		listed: (incident: IncidentId) => persister.caughtUp(documentOf(incident)),
	};
	const api = createApi({
		log: log.child({ part: 'api' }),
		now,
		auth,
		isOwnOrigin,
		answered: (route, status) => metrics.answered(route, status),
		refused: (code) => metrics.refused(code),
		routes: [
			sessionRoutes({ auth }),
			setupRoutes({ auth }),
			invitationRoutes({ auth }),
			peopleRoutes({ auth }),
			tokenRoutes({ auth }),
			incidentRoutes(incidents),
			commandRoutes(incidents),
			entryRoutes(incidents),
			importRoutes(incidents),
		],
	});
	globalThis.musterApi = async (request, from) => api.fetch(request, from);
	const server = httpServer({
		api,
		health: createHealth({
			log: log.child({ part: 'health' }),
			metrics,
			identify: (headers) => auth.identify(headers),
			isStoreThere: () => isThere(db),
			isStopping: () => isStopping,
		}),
		pages: pageDoor({ handler: await loadingPages, isOwnOrigin, isSetUp: () => auth.isSetUp() }),
		sync: (request, socket, head) => sync.upgrade(request, socket, head),
		pagesUpgrade: pagesUpgrade ?? null,
	});
	const presence: Presence = new Presence({
		httpServer: server,
		log: log.child({ part: 'presence' }),
		identify: (headers) => auth.identify(headers),
		isOwnOrigin,
		mayRead: async (person, incident) => may(person, 'read', null) && isKnown(incident),
		rowsOf: async (incidents) =>
			(await readProjected(db.sql, incidents)).map((row) => boardRow(row, { nameOf, peopleIn })),
		attended: (stay, at) => attendance.attended(stay, at),
		left: (stay, at) => attendance.left(stay, at),
		now,
	});
	stack.defer(() => closed(server));
	stack.use(sync);
	stack.defer(() => rooms.close());
	stack.use(presence);
	await rooms.start();
	await persister.start();
	await attendance.start();
	server.listen(config.port, config.host);
	await once(server, 'listening');
	const owned = stack.move();
	return {
		url: config.publicUrl,
		port: (server.address() as AddressInfo).port,
		setupLink: () => (auth.setupLink() === null ? null : config.publicUrl + auth.setupLink()),
		[Symbol.asyncDispose]: () => {
			isStopping = true;
			server.close();
			server.closeIdleConnections();
			return owned.disposeAsync();
		},
	};
}

/** Waits until the last answer is given; what is still open after a while is cut. */
async function closed(server: Server): Promise<void> {
	if (!server.listening) return;
	const patience = setTimeout(() => server.closeAllConnections(), 2_000);
	await new Promise((resolve) => server.close(resolve));
	clearTimeout(patience);
}
