import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

// What `npm start` runs first: builds the pages, only when something that they are made of is newer.

const root = path.resolve(import.meta.dirname, '..');
const built = path.join(root, 'build', 'index.js');
const sources = [
	'src',
	'core',
	'static',
	'svelte.config.js',
	'vite.config.ts',
	'package-lock.json',
];

if (newestOf(sources) > changedAt(built)) {
	console.log('Building the pages: something has changed since the last build.');
	const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
	const words = [vite, 'build', '--logLevel', 'error'];
	const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
	const [code] = (await once(child, 'exit')) as [number | null];
	process.exitCode = code ?? 1;
}

/** A removed file shows in its folder's time. */
function newestOf(names: readonly string[]): number {
	const times = names.flatMap((name) => {
		const place = path.join(root, name);
		const entries = readFolder(place).map((entry) => changedAt(path.join(place, entry)));
		return [changedAt(place), ...entries];
	});
	return Math.max(...times);
}

function readFolder(place: string): string[] {
	if (!statSync(place, { throwIfNoEntry: false })?.isDirectory()) return [];
	return readdirSync(place, { recursive: true, encoding: 'utf8' });
}

function changedAt(place: string): number {
	return statSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
