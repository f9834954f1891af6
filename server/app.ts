import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { ulidSource } from '#core/ids.ts';
import { Auth } from './auth/auth.ts';
import type { Config } from './config.ts';
import { createApi } from './http/api.ts';
import { invitationRoutes } from './http/api/invitations.ts';
import { peopleRoutes } from './http/api/people.ts';
import { sessionRoutes } from './http/api/session.ts';
import { setupRoutes } from './http/api/setup.ts';
import { tokenRoutes } from './http/api/tokens.ts';
import { originRule } from './http/origin.ts';
import { pageDoor, type PageHandler } from './http/pages.ts';
import { httpServer, type UpgradeDoor } from './http/server.ts';
import { statuses } from './http/statuses.ts';
import type { Logger } from './log.ts';
import { Persister } from './persister/persister.ts';
import { readPlace } from './storage/documents.ts';
import { openStore } from './storage/store.ts';
import { Rooms } from './sync/rooms.ts';
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
	const isOwnOrigin = originRule(config.publicUrl);
	const auth: Auth = stack.use(
		await Auth.open({
			db,
			log: log.child({ part: 'auth' }),
			publicUrl: config.publicUrl,
			adminToken: config.adminToken,
			now,
			onSignedOut: (session) => rooms.signedOut(session),
			onAccessChanged: (person) => rooms.accessChanged(person),
			openSessions: () => rooms.sessions(),
		}),
	);
	const persister = stack.use(new Persister({ db, log: log.child({ part: 'persister' }) }));
	const rooms: Rooms = new Rooms({
		db,
		log: log.child({ part: 'sync' }),
		dataDir: path.resolve(config.dataDir),
		id: ulidSource(now, (bytes) => randomFillSync(bytes)),
		now,
		nameOf: auth.people.nameOf,
		notice: (turn) => persister.heard(turn),
		unsaved: () => undefined,
		unloaded: (document) => persister.unloaded(document),
	});
	const sync = syncDoor({
		rooms,
		log: log.child({ part: 'sync' }),
		identify: (headers) => auth.identify(headers),
		isOwnOrigin,
		isKnown: async (document) => (await readPlace(db.sql, document)) !== null,
		statusOf: ({ code }) => statuses[code],
	});
	const api = createApi({
		log: log.child({ part: 'api' }),
		now,
		auth,
		isOwnOrigin,
		answered: () => undefined,
		refused: () => undefined,
		routes: [
			sessionRoutes({ auth }),
			setupRoutes({ auth }),
			invitationRoutes({ auth }),
			peopleRoutes({ auth }),
			tokenRoutes({ auth }),
		],
	});
	globalThis.musterApi = async (request, from) => api.fetch(request, from);
	const server = httpServer({
		api,
		health: api,
		pages: pageDoor({ handler: await loadingPages, isOwnOrigin, isSetUp: () => auth.isSetUp() }),
		sync: sync.upgrade,
		pagesUpgrade: pagesUpgrade ?? null,
	});
	stack.defer(() => closed(server));
	stack.use(sync);
	stack.defer(() => rooms.close());
	await rooms.start();
	await persister.start();
	server.listen(config.port, config.host);
	await once(server, 'listening');
	const owned = stack.move();
	return {
		url: config.publicUrl,
		port: (server.address() as AddressInfo).port,
		setupLink: () => (auth.setupLink() === null ? null : config.publicUrl + auth.setupLink()),
		[Symbol.asyncDispose]: () => {
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
