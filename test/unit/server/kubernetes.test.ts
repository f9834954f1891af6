import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '#server/config.ts';
import { limits } from '#server/limits.ts';
import { imageSettings } from '../../support/compose.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'deploy/kubernetes');

interface Probe {
	readonly httpGet?: { readonly path: string; readonly port: string };
}

interface Container {
	readonly name: string;
	readonly image: string;
	readonly args?: readonly string[];
	readonly env?: readonly { readonly name: string; readonly value?: string }[];
	readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[];
	readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
	readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
	readonly startupProbe?: Probe;
	readonly livenessProbe?: Probe;
	readonly readinessProbe?: Probe;
	readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: string[] } } };
	readonly resources: { readonly limits: { readonly memory: string } };
	readonly securityContext: object;
}

interface Pod {
	readonly metadata: { readonly labels: { readonly app: string } };
	readonly spec: {
		readonly containers: readonly [Container];
		readonly volumes: readonly { readonly name: string }[];
		readonly terminationGracePeriodSeconds?: number;
		readonly securityContext: { readonly runAsUser: number };
	};
}

interface Manifest {
	readonly kind: string;
	readonly metadata: { readonly name: string };
	readonly stringData?: Readonly<Record<string, string>>;
	readonly spec: {
		readonly replicas: number;
		readonly maxUnavailable: number;
		readonly serviceName: string;
		readonly selector: { readonly app: string; readonly matchLabels: { readonly app: string } };
		readonly template: Pod;
		readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
		readonly volumeClaimTemplates?: readonly Manifest[];
		readonly accessModes?: readonly string[];
	};
}

async function manifestsIn(...names: readonly string[]): Promise<Manifest[]> {
	const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
	return texts.flatMap((text) =>
		parseAllDocuments(text).map((document) => {
			expect(document.errors).toEqual([]);
			return document.toJS() as Manifest;
		}),
	);
}

const { resources, images } = parse(
	await readFile(path.join(folder, 'kustomization.yaml'), 'utf8'),
) as { resources: string[]; images: { name: string }[] };
const manifests = await manifestsIn(...resources);
const workloads = manifests.filter(({ spec }) => spec?.template !== undefined);
const [secret] = await manifestsIn('secret.example.yaml');
const find = (kind: string, name: string): Manifest => {
	const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
	if (!found) throw new Error(`There is no ${kind} ${name}.`);
	return found;
};
const nodes = find('StatefulSet', 'muster');
const ownPods = [nodes, find('Deployment', 'muster-persister')];

test('everything but the examples is applied', async () => {
	const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
	const rest = files.filter((name) => !resources.includes(name)).sort();
	expect(rest).toEqual(['ingress.example.yaml', 'kustomization.yaml', 'secret.example.yaml']);
});

test.each(ownPods)(
	'the pods of $metadata.name get settings that Muster takes without a fault',
	async ({ spec }) => {
		const [container] = spec.template.spec.containers;
		const given = Object.fromEntries(
			(container.env ?? []).map(({ name, value }) => [
				name,
				value ?? secret?.stringData?.[name] ?? '',
			]),
		);
		const settings = { ...(container.envFrom && secret?.stringData), ...given };
		const known = Object.keys(parseEnv(await readFile(path.join(root, '.env.example'), 'utf8')));
		expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
		const config = readConfig({ ...(await imageSettings()), ...settings });
		expect(config.warnings).toEqual([]);
		expect(config.databaseUrl).toContain('postgres://');
		if (!container.envFrom) return expect(container.args).toEqual(['muster', 'persister']);
		expect(config).toMatchObject({ persister: 'apart', redisUrls: ['redis://redis:6379'] });
		expect(config.publicUrl).toBe('https://muster.example.com');
	},
);

test.each(workloads)(
	'the pods of $metadata.name may do nothing special, on a disk that they cannot change',
	({ spec }) => {
		const { metadata, spec: pod } = spec.template;
		expect(spec.selector.matchLabels).toEqual(metadata.labels);
		expect(pod).toMatchObject({
			automountServiceAccountToken: false,
			securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
		});
		const [container] = pod.containers;
		const isOurs = images.some(({ name }) => name === container.image);
		expect(isOurs || /:\d+\.\d+$/.test(container.image)).toBe(true);
		if (isOurs) expect(pod.securityContext.runAsUser).toBe(1000);
		expect(container.resources.limits.memory).toMatch(/^\d+[MG]i$/);
		expect(container.securityContext).toEqual({
			allowPrivilegeEscalation: false,
			readOnlyRootFilesystem: true,
			capabilities: { drop: ['ALL'] },
		});
		const claims = spec.volumeClaimTemplates?.map(({ metadata: { name } }) => name) ?? [];
		const volumes = [...pod.volumes.map(({ name }) => name), ...claims].sort();
		expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes);
	},
);

test('several nodes each keep a volume, and at most one of them is taken down at a time', () => {
	expect(nodes.spec.replicas).toBeGreaterThan(1);
	expect(nodes.spec.volumeClaimTemplates?.[0]?.spec.accessModes).toEqual(['ReadWriteOnce']);
	const places = nodes.spec.template.spec.containers[0].volumeMounts;
	expect(places.map(({ mountPath }) => mountPath).sort()).toEqual(['/data', '/tmp']);
	const budget = find('PodDisruptionBudget', 'muster').spec;
	expect(budget.maxUnavailable).toBe(1);
	expect(budget.selector.matchLabels).toEqual(nodes.spec.selector.matchLabels);
});

test('nodes are asked by their doors for machines, and have the time that a farewell takes', () => {
	const { containers, terminationGracePeriodSeconds = 30 } = nodes.spec.template.spec;
	const [container] = containers;
	const { startupProbe, livenessProbe, readinessProbe } = container;
	const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet?.path);
	expect(paths).toEqual(['/healthz', '/healthz', '/readyz']);
	const [program, seconds] = container.lifecycle?.preStop.exec.command ?? [];
	expect(program).toBe('sleep');
	expect(1_000 * (terminationGracePeriodSeconds - Number(seconds))).toBeGreaterThan(limits.stopMs);
	expect(container.ports).toEqual([{ name: 'http', containerPort: 3000 }]);
});

test('every service leads to pods that have its port', () => {
	const found = manifests.filter(({ kind }) => kind === 'Service');
	expect(found.map(({ metadata }) => metadata.name)).toContain(nodes.spec.serviceName);
	for (const { spec } of found) {
		const target = workloads.find(
			(one) => one.spec.template.metadata.labels.app === spec.selector.app,
		);
		const ports = target?.spec.template.spec.containers[0].ports?.map(({ name }) => name) ?? [];
		for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
	}
});
