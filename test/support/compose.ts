import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');

/** A service of docker-compose.yml, as far as it is used. */
export interface Service {
	readonly image: string;
	readonly build?: string;
	readonly command?: readonly string[];
	readonly profiles?: readonly string[];
	/** With the defaults for what is not set: `${NAME:-otherwise}`. */
	readonly environment: Readonly<Record<string, string>>;
	readonly volumes: readonly string[];
	readonly tmpfs: readonly string[];
	readonly ports: readonly string[];
	readonly depends_on: Readonly<Record<string, { condition: string }>>;
	readonly healthcheck?: { readonly disable?: boolean };
	readonly user?: string;
	readonly read_only?: boolean;
	readonly cap_drop?: readonly string[];
	readonly security_opt?: readonly string[];
	readonly stop_grace_period?: string;
}

interface Compose {
	readonly services: Readonly<Record<string, Service>>;
	readonly volumes: readonly string[];
}

const none = { environment: {}, volumes: [], tmpfs: [], ports: [], depends_on: {} };

/** docker-compose.yml with nothing set. */
export async function readCompose(): Promise<Compose> {
	const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
	const plain = text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
	const { services, volumes } = parse(plain, { merge: true }) as {
		services: Record<string, Partial<Service> & { environment?: Record<string, string | null> }>;
		volumes: Record<string, null>;
	};
	const read = Object.entries(services).map(([name, service]): [string, Service] => {
		const set = Object.entries(service.environment ?? {}).map(([key, value]) => [key, value ?? '']);
		const environment = Object.fromEntries(set) as Record<string, string>;
		return [name, { ...none, image: '', ...service, environment }];
	});
	return { services: Object.fromEntries(read), volumes: Object.keys(volumes) };
}

/** What `docker compose up` starts: those of no profile, or those that are named and what they depend on. */
export function started(services: Compose['services'], ...named: readonly string[]): string[] {
	const waiting =
		named.length > 0
			? [...named]
			: Object.keys(services).filter((name) => !services[name]?.profiles);
	const found = new Set<string>();
	for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
		found.add(name);
		waiting.push(...Object.keys(services[name]?.depends_on ?? {}));
	}
	return [...found].sort();
}

/** The command of the image, when the service names none. */
export async function imageCommand(): Promise<readonly string[]> {
	const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
	const command = /^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
	return JSON.parse(command) as string[];
}

/** What the image sets for everybody who runs in it. */
export async function imageSettings(): Promise<Readonly<Record<string, string>>> {
	const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
	const settings = /^ENV (.*)$/m.exec(dockerfile)?.[1] ?? '';
	return Object.fromEntries(settings.split(' ').map((one) => one.split('=') as [string, string]));
}
