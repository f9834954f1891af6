import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const root = path.resolve(import.meta.dirname, '../..');
const made = path.join(root, '.svelte-kit');

interface Chunk {
	readonly file: string;
	readonly src?: string;
	readonly css?: readonly string[];
	readonly imports?: readonly string[];
}
type Manifest = Readonly<Record<string, Chunk>>;

const entries = [
	/\/client\/entry\.js$/, // SvelteKit's client
	/client-optimized\/app\.js$/,
	/nodes\/0\.js$/, // the root layout and the error page come with every page
	/nodes\/1\.js$/,
];

/** The size in bytes, after gzip, of the JavaScript that the built page of a route imports at once. */
export async function bundleOf(route: string): Promise<number> {
	const chunks = await chunksOf(route);
	return sizeOf(chunks.map(({ file }) => file));
}

/** The size in bytes, after gzip, of the style sheets that the built page of a route links to at once. */
export async function stylesOf(route: string): Promise<number> {
	const chunks = await chunksOf(route);
	return sizeOf([...new Set(chunks.flatMap(({ css = [] }) => css))]);
}

async function chunksOf(route: string): Promise<Chunk[]> {
	const text = await readFile(path.join(made, 'output/client/.vite/manifest.json'), 'utf8');
	const manifest = JSON.parse(text) as Manifest;
	const nodes = (await nodesOf(route)).map((node) => new RegExp(`nodes/${node}\\.js$`));
	const wanted = [...entries, ...nodes];
	const names = wanted.map((name) => Object.keys(manifest).find((key) => name.test(key)) ?? '');
	const chunks = new Map<string, Chunk>();
	for (const name of names) collect(manifest, name, chunks);
	return [...chunks.values()];
}

async function sizeOf(files: readonly string[]): Promise<number> {
	const sizes = Array.from(files, async (file) => {
		return gzipSync(await readFile(path.join(made, 'output/client', file))).length;
	});
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The numbers of a route's page and of its layouts, as SvelteKit's router has them. */
async function nodesOf(route: string): Promise<string[]> {
	const app = await readFile(path.join(made, 'generated/client-optimized/app.js'), 'utf8');
	const line = app.split('\n').find((text) => text.trim().startsWith(`"${route}": `));
	if (line === undefined) throw new Error(`No page was built for ${route}.`);
	return line.slice(line.indexOf('[')).match(/\d+/g) ?? [];
}

function collect(manifest: Manifest, name: string, chunks: Map<string, Chunk>): void {
	const chunk = manifest[name];
	if (!chunk) throw new Error(`The build has no ${name}.`);
	if (chunks.has(chunk.file)) return;
	chunks.set(chunk.file, chunk);
	for (const imported of chunk.imports ?? []) collect(manifest, imported, chunks);
}
