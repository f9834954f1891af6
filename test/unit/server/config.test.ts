import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig } from '#server/config.ts';

const example = path.resolve(import.meta.dirname, '../../../.env.example');

test('.env.example names every setting with its default', async () => {
	const text = await readFile(example, 'utf8');
	const settings = parseEnv(text);
	expect(readConfig(settings)).toEqual(readConfig({}));
	expect(Object.keys(settings).sort()).toEqual([
		'DATABASE_URL',
		'DATA_DIR',
		'HOST',
		'LOG_LEVEL',
		'MUSTER_ADMIN_TOKEN',
		'MUSTER_HEADS_FILE',
		'MUSTER_HEADS_WEBHOOK',
		'MUSTER_PERSISTER',
		'MUSTER_PROXIES',
		'MUSTER_RETENTION',
		'MUSTER_TOKEN',
		'MUSTER_URL',
		'PORT',
		'PUBLIC_URL',
		'REDIS_URL',
	]);
});

test('config.ts reads no setting that .env.example does not name', async () => {
	const named = Object.keys(parseEnv(await readFile(example, 'utf8')));
	const read = new Set<string>();
	const env = new Proxy<Record<string, string>>(
		{},
		{
			get(_, name) {
				read.add(String(name));
				return undefined;
			},
		},
	);
	readConfig(env);
	expect(named).toEqual(expect.arrayContaining([...read]));
});

test('all faults are told at once', () => {
	const env = {
		PORT: '99999',
		PUBLIC_URL: 'muster.example.com',
		DATABASE_URL: 'mysql://ada:secret@db/muster',
		REDIS_URL: 'redis://cache:6379,cache2:6379',
		MUSTER_PERSISTER: 'outside',
		MUSTER_HEADS_WEBHOOK: 'http://heads.example.com/secret',
		MUSTER_PROXIES: 'yes',
		LOG_LEVEL: 'loud',
	};
	const read = () => readConfig(env);
	for (const name of Object.keys(env)) expect(read).toThrow(name);
	expect(read).not.toThrow('secret');
});

test.each(['-1', '3000.5', '0x10', '1e3', ' 80', '65536'])('port %j is refused', (port) => {
	expect(() => readConfig({ PORT: port })).toThrow('PORT must be a number from 0 to 65535');
});

test.each([
	['https://muster.example.com/', 'https://muster.example.com'],
	['http://10.0.0.7:8080', 'http://10.0.0.7:8080'],
	['HTTPS://Muster.Example.com:443', 'https://muster.example.com'],
])('the public address %s is the origin %s', (given, origin) => {
	expect(readConfig({ PUBLIC_URL: given }).publicUrl).toBe(origin);
});

test.each(['https://example.com/muster', 'https://ada@example.com', 'ftp://example.com', '*'])(
	'the public address %s is refused',
	(given) => {
		expect(() => readConfig({ PUBLIC_URL: given })).toThrow('PUBLIC_URL');
	},
);

test('the public address follows the port unless it is set', () => {
	expect(readConfig({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
});

test('a persister of its own needs a store that it can reach', () => {
	const env = { MUSTER_PERSISTER: 'apart', DATABASE_URL: '' };
	expect(() => readConfig(env)).toThrow('set DATABASE_URL too');
	const { persister, warnings } = readConfig({ ...env, DATABASE_URL: 'postgres://db/muster' });
	expect([persister, warnings]).toEqual(['apart', []]);
});

test.each([
	['https://10.0.0.7:8443/heads?token=x', true],
	['http://127.0.0.1:8080/heads', true],
	['http://[::1]/', true],
	['http://heads.example.com/', false],
	['https://ada:pass@heads.example.com/', false],
	['heads.example.com', false],
])('heads are told to %s: %j', (given, isTaken) => {
	const read = () => readConfig({ MUSTER_HEADS_WEBHOOK: given }).headsWebhook;
	if (isTaken) expect(read()).toBe(given);
	else expect(read).toThrow('MUSTER_HEADS_WEBHOOK must begin with https://');
});

test('an empty setting counts as unset', () => {
	const empty = { PORT: '', HOST: '', DATABASE_URL: '', MUSTER_ADMIN_TOKEN: '', LOG_LEVEL: '' };
	expect(readConfig(empty)).toEqual(readConfig({}));
});

test('a misspelt setting of our own is warned of, others are not', () => {
	const { warnings } = readConfig({ MUSTER_ADMIN_TOKN: 'x', MUSTER_URL: 'x', HOME: '/root' });
	expect(warnings).toEqual(['MUSTER_ADMIN_TOKN is not a setting of Muster.']);
});

test('a short admin token is warned of, without repeating it', () => {
	const { warnings } = readConfig({ MUSTER_ADMIN_TOKEN: 'hunter2' });
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toContain('MUSTER_ADMIN_TOKEN is short');
	expect(warnings[0]).not.toContain('hunter2');
});

test('what is kept how long is read by kind, and nothing is deleted unless that is said', () => {
	const day = 24 * 3_600_000;
	expect(readConfig({}).retention.size).toBe(0);
	expect([...readConfig({ MUSTER_RETENTION: 'incident:730d, drill:90d' }).retention]).toEqual([
		['incident', 730 * day],
		['drill', 90 * day],
	]);
	for (const wrong of ['incident', 'incident:730', 'incident:0d', 'all:9d', 'drill:9d,drill:8d']) {
		expect(() => readConfig({ MUSTER_RETENTION: wrong })).toThrow(/MUSTER_RETENTION must be like/);
	}
});
