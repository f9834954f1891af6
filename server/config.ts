import { kinds, type Kind } from '#core/incident/lifecycle.ts';
import { Refusal } from '#core/refusal.ts';
import { logLevels, type LogLevel } from './log.ts';

/** Everything that can be set, read once at the start. `.env.example` explains each. */
export interface Config {
	readonly port: number;
	readonly host: string;
	/** The address people use, without a slash at its end: the only origin that may speak to us. */
	readonly publicUrl: string;
	readonly dataDir: string;
	/** Null: the embedded PostgreSQL under `dataDir`. */
	readonly databaseUrl: string | null;
	/** Redis, by which several nodes reach each other: one server, or several of one cluster; null without. */
	readonly redisUrls: readonly string[] | null;
	/** How many proxies of ours stand in front: so many addresses of `X-Forwarded-For` are believed. */
	readonly proxies: number;
	readonly adminToken: string | null;
	/** Whether lists are derived in this process or by `muster persister`. */
	readonly persister: PersisterPlace;
	/** Where heads of histories are told: appended to a file, posted to an address; null: nowhere. */
	readonly headsFile: string | null;
	readonly headsWebhook: string | null;
	/** How long incidents are kept once they are closed, in ms; of kinds that are not named, for ever. */
	readonly retention: ReadonlyMap<Kind, number>;
	readonly logLevel: LogLevel;
	/** Sentences about what was probably not meant. */
	readonly warnings: readonly string[];
}

const persisterPlaces = ['inside', 'apart'] as const;
export type PersisterPlace = (typeof persisterPlaces)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that other parts of Muster read: the command line's, and our own prefix's only. */
const knownElsewhere = ['MUSTER_URL', 'MUSTER_TOKEN'];
const ownPrefix = 'MUSTER_';
const shortestToken = 20;

/** Reads the settings. An empty one counts as unset. Refuses with all faults at once, a line each. */
export function readConfig(env: Environment): Config {
	const faults: string[] = [];
	const port = readPort(env.PORT || '3000', faults);
	const config = {
		port,
		host: env.HOST || '127.0.0.1',
		publicUrl: readPublicUrl(env.PUBLIC_URL || `http://localhost:${port}`, faults),
		dataDir: env.DATA_DIR || '.muster',
		databaseUrl: readDatabaseUrl(env.DATABASE_URL || null, faults),
		redisUrls: readRedisUrls(env.REDIS_URL || null, faults),
		proxies: readProxies(env.MUSTER_PROXIES || '0', faults),
		adminToken: env.MUSTER_ADMIN_TOKEN || null,
		persister: readPersister(env, faults),
		headsFile: env.MUSTER_HEADS_FILE || null,
		headsWebhook: readHeadsWebhook(env.MUSTER_HEADS_WEBHOOK || null, faults),
		retention: readRetention(env.MUSTER_RETENTION || '', faults),
		logLevel: readLogLevel(env.LOG_LEVEL || 'info', faults),
		warnings: findOddities(env),
	};
	if (faults.length > 0) throw new Refusal('invalid', faults.join('\n'));
	return config;
}

function readPort(text: string, faults: string[]): number {
	const port = Number(text);
	if (/^\d+$/.test(text) && port <= 65_535) return port;
	faults.push(`PORT must be a number from 0 to 65535, not "${text}".`);
	return 0;
}

function readPublicUrl(text: string, faults: string[]): string {
	const url = URL.parse(text);
	const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
	if (url && isHttp && url.href === `${url.origin}/`) return url.origin;
	faults.push(`PUBLIC_URL must be an address like https://muster.example.com, not "${text}".`);
	return '';
}

/** The text is not repeated: it may hold a password. */
function readDatabaseUrl(text: string | null, faults: string[]): string | null {
	if (text === null || /^postgres(ql)?:\/\//.test(text)) return text;
	faults.push(
		'DATABASE_URL must begin with postgres://, as in postgres://user:password@host/database.',
	);
	return null;
}

function readProxies(text: string, faults: string[]): number {
	if (/^[0-9]$/.test(text)) return Number(text);
	faults.push(`MUSTER_PROXIES must be the number of your proxies, 0 to 9, not "${text}".`);
	return 0;
}

/** The text is not repeated: it may hold a password. */
function readRedisUrls(text: string | null, faults: string[]): readonly string[] | null {
	const urls = text?.split(',').map((one) => one.trim()) ?? null;
	if (!urls?.some((one) => !/^rediss?:\/\//.test(one) || !URL.canParse(one))) return urls;
	faults.push(
		'REDIS_URL must begin with redis:// or rediss://; the servers of a cluster are separated by commas.',
	);
	return null;
}

/** A persister of its own has to reach the store, and nobody else reaches the embedded one. */
function readPersister(env: Environment, faults: string[]): PersisterPlace {
	const text = env.MUSTER_PERSISTER || 'inside';
	const place = persisterPlaces.find((name) => name === text);
	if (!place) {
		faults.push(`MUSTER_PERSISTER must be ${persisterPlaces.join(' or ')}, not "${text}".`);
	} else if (place === 'apart' && !env.DATABASE_URL) {
		faults.push('MUSTER_PERSISTER=apart needs a store that both reach: set DATABASE_URL too.');
	}
	return place ?? 'inside';
}

/** Any host, as the operator says; unencrypted only on this machine. The text is not repeated: it may hold a secret. */
function readHeadsWebhook(text: string | null, faults: string[]): string | null {
	if (text === null) return null;
	const url = URL.parse(text);
	const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
	const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
	if (isSafe && url.username === '' && url.password === '') return text;
	faults.push('MUSTER_HEADS_WEBHOOK must begin with https:// and hold no user or password.');
	return null;
}

const dayMs = 24 * 3_600_000;

/** As in `incident:730d,drill:90d`. */
function readRetention(text: string, faults: string[]): ReadonlyMap<Kind, number> {
	const retention = new Map<Kind, number>();
	for (const part of text.split(',').filter((one) => one.trim() !== '')) {
		const [name, age = ''] = part.trim().split(':');
		const kind = kinds.find((one) => one === name);
		if (kind && /^[1-9]\d{0,4}d$/.test(age) && !retention.has(kind)) {
			retention.set(kind, Number.parseInt(age, 10) * dayMs);
		} else {
			faults.push(
				`MUSTER_RETENTION must be like incident:730d,drill:90d, each of ${kinds.join(', ')} once, not "${text}".`,
			);
			return new Map();
		}
	}
	return retention;
}

function readLogLevel(text: string, faults: string[]): LogLevel {
	const level = logLevels.find((name) => name === text);
	if (level) return level;
	faults.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${text}".`);
	return 'info';
}

function findOddities(env: Environment): string[] {
	const known = [
		...['MUSTER_ADMIN_TOKEN', 'MUSTER_PROXIES', 'MUSTER_PERSISTER'],
		...['MUSTER_HEADS_FILE', 'MUSTER_HEADS_WEBHOOK', 'MUSTER_RETENTION'],
		...knownElsewhere,
	];
	const unknown = Object.keys(env).filter(
		(name) => name.startsWith(ownPrefix) && !known.includes(name),
	);
	const token = env.MUSTER_ADMIN_TOKEN;
	return [
		...unknown.map((name) => `${name} is not a setting of Muster.`),
		...(token && token.length < shortestToken
			? [
					`MUSTER_ADMIN_TOKEN is short: guessing it makes anybody an admin. "openssl rand -hex 32" makes a good one.`,
				]
			: []),
	];
}
