import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '#server/config.ts';

interface Compose {
	readonly services: Record<
		string,
		{ environment: Record<string, string>; volumes: string[]; ports?: string[] }
	>;
	readonly volumes: Record<string, null>;
}

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFile(path.join(root, name), 'utf8');

/** `${NAME:-otherwise}` when NAME is unset. */
function withDefaults(environment: Record<string, string>): Record<string, string> {
	const resolve = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
	return Object.fromEntries(
		Object.entries(environment).map(([name, text]) => [name, resolve(text)]),
	);
}

test('docker-compose.yml gives Muster settings that it knows and takes without a fault', async () => {
	const { services } = parse(await read('docker-compose.yml')) as Compose;
	const settings = withDefaults(services.muster?.environment ?? {});
	const known = Object.keys(parseEnv(await read('.env.example')));
	expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
	expect(readConfig(settings)).toMatchObject({
		publicUrl: 'http://localhost:3000',
		databaseUrl: 'postgres://muster:muster@postgres/muster',
		adminToken: null,
		warnings: [],
	});
});

test('docker-compose.yml publishes no port of PostgreSQL and keeps both data in volumes', async () => {
	const { services, volumes } = parse(await read('docker-compose.yml')) as Compose;
	expect(Object.keys(services)).toEqual(['muster', 'postgres']);
	expect(services.postgres?.ports).toBeUndefined();
	for (const service of Object.values(services)) {
		expect(Object.keys(volumes)).toContain(service.volumes[0]?.split(':')[0]);
	}
});

test('the image runs Muster as an ordinary user, reachable, with its data in the volume', async () => {
	const dockerfile = await read('Dockerfile');
	const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
	expect(last).toContain('HOST=0.0.0.0');
	expect(last).toMatch(/^USER node$/m);
	expect(last).toMatch(/^VOLUME \/data$/m);
	expect(last).toContain('DATA_DIR=/data');
	expect(last).toContain('/healthz');
});
