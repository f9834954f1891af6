import { spawn } from 'node:child_process';
import { Server } from 'node:http';
import { createServer } from 'vite';
import { main } from '../server/main.ts';

// What `npm run dev` runs: the same server as `npm start`, with the pages from Vite, which shows a
// change at once, and started again when a file of the server or the core changes.

if (process.argv.includes('--once')) await develop();
else watch();

/** Node watches what the other process imports and starts it again. */
function watch(): void {
	const words = ['--watch', '--watch-preserve-output', import.meta.filename, '--once'];
	const child = spawn(process.execPath, words, { stdio: 'inherit' });
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
	child.once('exit', (code) => (process.exitCode = code ?? 1));
}

async function develop(): Promise<void> {
	const upgrades = new Server(); // Vite wants a server to listen to; ours passes on what is Vite's.
	const vite = await createServer({
		appType: 'custom',
		configLoader: 'native', // without it a temporary file, which would start us again
		server: { middlewareMode: true, ws: { server: upgrades, path: '__vite' } },
	});
	for (const signal of ['SIGINT', 'SIGTERM'] as const)
		process.once(signal, () => void vite.close());
	await main(process.env, {
		pages: async () => vite.middlewares,
		pagesUpgrade: (request, socket, head) => {
			if (!upgrades.emit('upgrade', request, socket, head)) socket.destroy();
		},
	});
}
