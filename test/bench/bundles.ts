import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

interface Route {
	readonly id: string;
	readonly page: { layouts: number[]; errors: (number | undefined)[]; leaf: number } | null;
}

/** What SvelteKit writes down about a build. */
interface Manifest {
	readonly _: {
		readonly client: { readonly imports: string[] };
		readonly nodes: (() => Promise<{ readonly imports: string[] }>)[];
		readonly routes: Route[];
	};
}

const root = path.resolve(import.meta.dirname, '../..');

/**
 * The JavaScript that a page of this route loads before anything is asked of it, gzipped, in bytes:
 * the entry, its layouts, its error pages and all that these import; not what is loaded lazily.
 */
export async function scriptBytes(route: string): Promise<number> {
	const file = path.join(root, '.svelte-kit/output/server/manifest.js');
	const { manifest } = (await import(file)) as { manifest: Manifest };
	const { client, nodes, routes } = manifest._;
	const page = routes.find(({ id }) => id === route)?.page;
	if (!page) throw new Error(`The build has no page ${route}.`);
	const needed = [...page.layouts, ...page.errors, page.leaf].filter((node) => node !== undefined);
	const files = new Set(client.imports);
	for (const node of needed) (await nodes[node]?.())?.imports.forEach((name) => files.add(name));
	const scripts = [...files].filter((name) => name.endsWith('.js'));
	return scripts.reduce((sum, name) => sum + gzippedBytes(name), 0);
}

function gzippedBytes(name: string): number {
	return gzipSync(readFileSync(path.join(root, 'build/client', name))).length;
}
