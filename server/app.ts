import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { incidentOf, kindOf, retroDocumentOf, roomDocumentOf, ulidSource } from '#core/ids.ts';
import type { DocumentId, IncidentId } from '#core/ids.ts';
import { may } from '#core/response/access.ts';
import { Auth } from './auth/auth.ts';
import { joinCluster } from './cluster/cluster.ts';
import type { Config } from './config.ts';
import { Upkeep } from './history/upkeep.ts';
import { addressRule } from './http/address.ts';
import { createApi } from './http/api.ts';
import { commandRoutes } from './http/api/commands.ts';
import { entryRoutes } from './http/api/entries.ts';
import { exportRoutes } from './http/api/exports.ts';
import { holdRoutes } from './http/api/holds.ts';
import { historyRoutes } from './http/api/history.ts';
import { importRoutes } from './http/api/imports.ts';
import { incidentRoutes } from './http/api/incidents.ts';
import { invitationRoutes } from './http/api/invitations.ts';
import { learningRoutes } from './http/api/learning.ts';
import { peopleRoutes } from './http/api/people.ts';
import { removalRoutes } from './http/api/removals.ts';
import { restoreRoutes } from './http/api/restore.ts';
import { retroRoutes } from './http/api/retros.ts';
import { sessionRoutes } from './http/api/session.ts';
import { setupRoutes } from './http/api/setup.ts';
import { tokenRoutes } from './http/api/tokens.ts';
import { HistoryCache } from './history/cache.ts';
import { Few } from './history/few.ts';
import { createHealth } from './http/health.ts';
import { Metrics } from './http/metrics.ts';
import { originRule } from './http/origin.ts';
import { pageDoor, type PageHandler } from './http/pages.ts';
import { bareServer, openDoors, type Fetcher, type UpgradeDoor } from './http/server.ts';
import { boardRows, type BoardParts } from './incidents/board.ts';
import { BoardWatch } from './incidents/boardWatch.ts';
import { KnownIncidents } from './incidents/known.ts';
import { limits } from './limits.ts';
import type { Logger } from './log.ts';
import { Opening } from './opening/opening.ts';
import { Workshop } from './opening/workshop.ts';
import { PersistersApart } from './persister/apart.ts';
import { Attendance } from './persister/attendance.ts';
import type { Deriving } from './persister/deriving.ts';
import { Persister } from './persister/persister.ts';
import { Presence } from './presence/presence.ts';
import type { Database } from './storage/database.ts';
import { countOutdated } from './storage/derivations.ts';
import { readPlace } from './storage/documents.ts';
import { readSecret } from './storage/installation.ts';
import { holdDirectory } from './storage/hold.ts';
import { readProjected } from './storage/projection.ts';
import { countQuarantines } from './storage/quarantines.ts';
import { lookAtStore, openStore } from './storage/store.ts';
import { systemClock } from './sync/clock.ts';
import { syncDoor } from './sync/door.ts';
import type { TurnNotice } from './sync/notice.ts';
import { backlogsIn } from './sync/outage/backlog.ts';
import { Rooms } from './sync/rooms.ts';
import { sqlJournal } from './sync/sqlJournal.ts';

export interface AppParts {
	readonly config: Config;
	readonly log: Logger;
	/** The handler of the pages, loaded once the API answers. */
	readonly pages: () => Promise<PageHandler>;
	/** The websockets of pages that are being developed. */
	readonly pagesUpgrade?: UpgradeDoor;
}

interface Below {
	readonly config: Config;
	readonly log: Logger;
	readonly db: Database;
	readonly server: Server;
}
type Live = Awaited<ReturnType<typeof startLive>>;

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
	const { config, log } = parts;
	await using stack = new AsyncDisposableStack();
	const loadingPages = parts.pages();
	loadingPages.catch(() => undefined /* awaited below, once there is a store */);
	await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
	stack.use(await holdDirectory(config.dataDir));
	const db = stack.use(await openStore(config, log.child({ part: 'store' })));
	const server = bareServer();
	stack.defer(() => closed(server));
	const live = stack.use(await startLive({ config, log, db, server }));
	let isStopping = false;
	openDoors(server, {
		api: apiOf(live),
		health: createHealth({
			log: log.child({ part: 'health' }),
			metrics: live.metrics,
			identify: (headers) => live.auth.identify(headers),
			lookAtStore: () => lookAtStore(db),
			isRedisThere: live.cluster.isRedisThere,
			isStopping: () => isStopping,
		}),
		pages: pageDoor({
			handler: await loadingPages,
			isOwnOrigin: live.isOwnOrigin,
			isSetUp: () => live.auth.isSetUp(),
		}),
		sync: (request, socket, head) => live.sync.upgrade(request, socket, head),
		addressOf: live.addressOf,
		pagesUpgrade: parts.pagesUpgrade ?? null,
	});
	server.listen(config.port, config.host);
	await once(server, 'listening');
	const owned = stack.move();
	return {
		url: config.publicUrl,
		port: (server.address() as AddressInfo).port,
		setupLink() {
			const link = live.auth.setupLink();
			return link === null ? null : config.publicUrl + link;
		},
		async [Symbol.asyncDispose]() {
			isStopping = true;
			server.close();
			server.closeIdleConnections();
			const patience = setTimeout(() => server.closeAllConnections(), limits.requestEndMs);
			await Promise.all([live.rooms.sockets.sayFarewell(), live.presence.sayFarewell()]);
			await owned.disposeAsync();
			clearTimeout(patience);
		},
	};
}

/** The parts that hold people and documents, and how each hears of the others. */
async function startLive(below: Below) {
	const { config, log, db, server } = below;
	await using stack = new AsyncDisposableStack();
	const now = () => Date.now();
	const id = ulidSource(now, (bytes) => randomFillSync(bytes));
	const isOwnOrigin = originRule(config.publicUrl);
	const addressOf = addressRule(config.proxies);
	const cluster = stack.use(
		await joinCluster({
			redisUrls: config.redisUrls,
			secret: await readSecret(db.sql),
			log: log.child({ part: 'cluster' }),
		}),
	);
	const auth: Auth = stack.use(
		await Auth.open({
			...{ db, log: log.child({ part: 'auth' }), now, buckets: cluster.buckets },
			...{ publicUrl: config.publicUrl, adminToken: config.adminToken },
			onSignedOut: (session) =>
				[rooms.sockets, presence].forEach((part) => part.signedOut(session)),
			onAccessChanged: (person) =>
				[rooms.sockets, presence].forEach((part) => part.accessChanged(person)),
			openSessions: () => [...rooms.sockets.sessions(), ...presence.sessions()],
		}),
	);
	const { nameOf } = auth.people;
	const known = new KnownIncidents(db.sql, nameOf);
	const identify = (headers: IncomingHttpHeaders) => auth.identify(headers);
	const isKnown = async (document: DocumentId): Promise<boolean> =>
		rooms.isOpen(document) || (await readPlace(db.sql, document)) !== null;
	const workbench = stack.use(new Workshop());
	const opening = new Opening({ sql: db.rooms, workbench, log: log.child({ part: 'opening' }) });
	const forPersister = { db, log: log.child({ part: 'persister' }) };
	const persister: Deriving =
		config.persister === 'apart'
			? new PersistersApart(forPersister)
			: new Persister({
					...{ ...forPersister, opening },
					projected: (incident) => presence.boardTouched(incident),
				});
	const upkeep = new Upkeep({ sql: db.sql, config, log: log.child({ part: 'upkeep' }) });
	const attendance = new Attendance({ db, log: log.child({ part: 'attendance' }) });
	// They all wait for a store that does not answer: together, not one after the other.
	stack.defer(async () => {
		await Promise.all([persister, upkeep, attendance].map((part) => part[Symbol.asyncDispose]()));
	});
	const metrics = new Metrics({
		rooms: () => rooms.open,
		unsavedRooms: () => rooms.unsaved,
		peers: () => rooms.sockets.open,
		refusals: () => rooms.refusals.counts,
		visitors: () => presence.open,
		isRedisThere: cluster.isRedisThere,
		forged: cluster.forged,
		quarantines: () => countQuarantines(db.sql),
		outdated: async () => (await countOutdated(db.sql)).outdated,
	});
	const notice = (turn: TurnNotice): void => {
		persister.heard(turn);
		if (!turn.isElsewhere) metrics.committed(turn);
	};
	const rooms: Rooms = new Rooms({
		...{ log: log.child({ part: 'sync' }), id, clock: systemClock, notice },
		namesIn: (document) => known.namesIn(incidentOf(document)),
		journal: sqlJournal(db.rooms),
		open: (document) => opening.open(document),
		feed: cluster.feed,
		backlogs: backlogsIn(path.resolve(config.dataDir, 'unsaved')),
		unsaved: (document, since) => presence.storeIsAway(incidentOf(document), since),
		sized: (document, size) => {
			if (kindOf(document) === 'room') presence.documentIs(incidentOf(document), size);
		},
		unloaded: (document) => persister.unloaded(document),
	});
	const presence: Presence = new Presence({
		...{ httpServer: server, log: log.child({ part: 'presence' }), identify, isOwnOrigin, now },
		...cluster.presence,
		mayRead: async (person, incident) =>
			may(person, 'read', null) && isKnown(roomDocumentOf(incident)),
		rowsOf: async (incidents) =>
			boardRows(await readProjected(db.sql, incidents), { nameOf, counts }),
		attended: (stay, at) => attendance.attended(stay, at),
		left: (stay, at) => attendance.left(stay, at),
	});
	const counts: BoardParts['counts'] = (incidents) => presence.counts(incidents);
	const sync = syncDoor({
		...{ rooms, log: log.child({ part: 'sync' }) },
		...{ identify, addressOf, isOwnOrigin, isKnown },
	});
	stack.use(sync);
	stack.defer(() => rooms.close());
	stack.use(presence);
	const boardWatch = stack.use(new BoardWatch(db.sql, presence));
	const restoring = {
		...{ sql: db.sql, rooms, opening, workbench },
		passedOver: async (document: DocumentId) => {
			opening.openAnew(document);
			persister.heard({ document, facts: [] });
			await rooms.openAnew(document);
		},
	};
	const removing = { sql: db.sql, rooms, workbench, opening, persister };
	await workbench.ready;
	await rooms.start();
	await persister.start();
	if (config.persister === 'inside') upkeep.start();
	await attendance.start();
	// Nobody else projects into a store of our own.
	if (config.databaseUrl !== null) boardWatch.start(log);
	const owned = stack.move();
	return {
		...below,
		...{ auth, known, workbench, rooms, presence, persister, metrics, sync, restoring, removing },
		...{ now, id, isOwnOrigin, addressOf, counts, notice, cluster },
		[Symbol.asyncDispose]: () => owned.disposeAsync(),
	};
}

/** `/api/v1`, for the network and for pages that are rendered here. */
function apiOf(live: Live): Fetcher {
	const { db, log, auth, known, rooms, persister, metrics, now, id, counts, notice, isOwnOrigin } =
		live;
	const incidents = {
		...{ db, rooms, people: auth.people, known, id, now, counts, notice },
		listed: (incident: IncidentId) => persister.caughtUp(roomDocumentOf(incident)),
	};
	const deciding = { nameOf: auth.people.nameOf, id };
	const reviewing = { sql: db.sql, known, people: auth.people };
	const api = createApi({
		...{ log: log.child({ part: 'api' }), now, auth, isOwnOrigin, buckets: live.cluster.buckets },
		answered: (route, status) => metrics.answered(route, status),
		refused: (code) => metrics.refused(code),
		routes: [
			sessionRoutes({ auth }),
			setupRoutes({ auth }),
			...[invitationRoutes, peopleRoutes, tokenRoutes].map((routesOf) => routesOf({ auth })),
			...[incidentRoutes, commandRoutes, entryRoutes].map((routesOf) => routesOf(incidents)),
			holdRoutes(incidents),
			importRoutes({
				...{ ...incidents, log: log.child({ part: 'import' }) },
				bundles: {
					...{ sql: db.sql, workbench: live.workbench },
					people: () => auth.people.all.map(({ id: person }) => person),
				},
			}),
			exportRoutes({ ...incidents, publicUrl: live.config.publicUrl }),
			historyRoutes({
				...incidents,
				download: { ...reviewing, cache: new HistoryCache(limits.historyCacheBytes) },
				moments: { ...reviewing, workbench: live.workbench, few: new Few(limits.moments) },
			}),
			...retroRoutes({
				...incidents,
				published: (incident) => persister.caughtUp(retroDocumentOf(incident)),
				moments: { ...live.restoring, few: new Few(limits.moments) },
			}),
			restoreRoutes({ ...incidents, restoring: { ...live.restoring, ...deciding } }),
			...learningRoutes(incidents),
			removalRoutes({ ...incidents, removing: { ...live.removing, ...deciding } }),
		],
	});
	globalThis.musterApi = async (request, from) => api.fetch(request, from);
	return api;
}

/** Waits until the last answer is given. It may be closing already, or never have listened. */
async function closed(server: Server): Promise<void> {
	await new Promise((resolve) => server.close(resolve));
}
