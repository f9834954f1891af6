import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import * as encoding from 'lib0/encoding';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { urlOf } from '../support/addresses.ts';
import { declare, invite } from '../support/people.ts';
import { startPostgres } from '../support/postgres.ts';
import { collectable, collectGarbage, residentBytes } from '../support/process.ts';
import { startRedis } from '../support/redis.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';
import { cpuOf } from './cpu.ts';
import { printRow, type Goal } from './report.ts';

const nodesCount = 3;
/** On each node: everybody is in every incident, with one socket each. */
const incidentsCount = 20;
const peopleCount = 50;
const warmSockets = 200;
const quietSeconds = 30;
/** Fewer than a node lets in at once. */
const atOnce = 50;
const kilobyte = 1_000;

/** Where somebody is idle. */
interface Place {
	readonly node: Muster;
	readonly incident: string;
	readonly token: string;
	readonly client: number;
}

/** What idle people cost a node: bytes for each, and its share of a processor. */
interface Cost {
	readonly bytesEach: number;
	readonly processor: number;
}

/** Three nodes with a thousand idle people each: first their live documents alone, then presence too. */
export async function measureCluster(): Promise<Goal[]> {
	await using stack = new AsyncDisposableStack();
	const redis = stack.use(await startRedis());
	const postgres = stack.use(await startPostgres());
	const databaseUrl = urlOf(postgres.ownAddress);
	const env = { ...collectable, REDIS_URL: redis.url };
	const nodes: Muster[] = [];
	for (let i = 0; i < nodesCount; i++) {
		nodes.push(stack.use(await startMuster({ databaseUrl, env })));
	}
	const places = await placesOn(nodes);
	await warm(places.filter((_, i) => i < warmSockets * nodesCount));

	const alone = await costsOf(nodes);
	const documents = await openAll(places, openDocument);
	stack.defer(() => documents.forEach((ws) => ws.terminate()));
	const withDocuments = await costsOf(nodes, alone);
	const presences = await openAll(places, openPresence);
	stack.defer(() => presences.forEach((socket) => void socket.disconnect()));
	const withPresence = await costsOf(nodes, withDocuments);

	const each = (incidentsCount * peopleCount).toLocaleString('en');
	console.log(`\n${nodesCount} nodes with ${each} idle people each, over ${quietSeconds} s`);
	printRow(
		'',
		nodes.flatMap((_, i) => [`${i + 1}: KB each`, 'CPU %']),
	);
	const words = ['nobody', 'live documents', 'and presence'];
	for (const [i, costs] of [alone, withDocuments, withPresence].entries()) {
		printRow(words[i] ?? '', costs.flatMap(inWords));
	}
	return [];
}

/** In an order that takes the nodes and the incidents in turn. */
async function placesOn(nodes: readonly Muster[]): Promise<Place[]> {
	const [first] = nodes as [Muster];
	const tokens: string[] = [];
	for (let i = 0; i < peopleCount; i++) tokens.push((await invite(first, `person ${i}`)).token);
	const incidents: string[] = [];
	for (let i = 0; i < incidentsCount; i++) incidents.push(await declare(first));
	return tokens
		.flatMap((token) =>
			incidents.flatMap((incident) => nodes.map((node) => ({ node, incident, token }))),
		)
		.map((place, i) => ({ ...place, client: i + 1 }));
}

/** What has never run takes memory for good. */
async function warm(places: readonly Place[]): Promise<void> {
	const documents = await openAll(places, openDocument);
	const presences = await openAll(places, openPresence);
	documents.forEach((ws) => ws.close());
	presences.forEach((socket) => void socket.disconnect());
	await until('all are gone', () => documents.every((ws) => ws.readyState === WebSocket.CLOSED));
	await pause(1_000);
}

async function openAll<T>(
	places: readonly Place[],
	open: (place: Place) => Promise<T>,
): Promise<T[]> {
	const opened: T[] = [];
	for (let i = 0; i < places.length; i += atOnce) {
		opened.push(...(await Promise.all(places.slice(i, i + atOnce).map(open))));
	}
	return opened;
}

/** A live document's connection, with its content and a caret. */
async function openDocument({ node, incident, token, client }: Place): Promise<WebSocket> {
	const headers = { Authorization: `Bearer ${token}` };
	const ws = new WebSocket(`${node.syncUrl}/${incident}?ack=1`, { headers });
	await once(ws, 'open');
	const answered = once(ws, 'message');
	ws.send(Uint8Array.of(0, 0, 1, 0));
	ws.send(caretOf(client));
	await answered;
	return ws;
}

/** y-protocols' message about one caret. */
function caretOf(client: number): Uint8Array {
	const state = JSON.stringify({ user: { name: 'ada' }, cursor: null });
	const caret = encoding.encode((encoder) => {
		for (const n of [1, client, 1]) encoding.writeVarUint(encoder, n);
		encoding.writeVarString(encoder, state);
	});
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, 1);
		encoding.writeVarUint8Array(encoder, caret);
	});
}

async function openPresence({ node, incident, token }: Place): Promise<Socket> {
	const extraHeaders = { Authorization: `Bearer ${token}` };
	const socket = io(node.url, { transports: ['websocket'], forceNew: true, extraHeaders });
	await new Promise<void>((resolve) => void socket.once('connect', () => resolve()));
	await socket.emitWithAck('enter', { incident });
	return socket;
}

/** What each node costs while nothing happens; bytes for each person are what came on top of `before`. */
async function costsOf(
	nodes: readonly Muster[],
	before: readonly (Cost & { readonly rss: number })[] = [],
): Promise<(Cost & { readonly rss: number })[]> {
	await pause(3_000);
	for (const node of nodes) await collectGarbage(node);
	const cpuBefore = await Promise.all(nodes.map(({ pid }) => cpuOf(pid)));
	await pause(quietSeconds * 1_000);
	const cpu = await Promise.all(nodes.map(({ pid }) => cpuOf(pid)));
	for (const node of nodes) await collectGarbage(node);
	const rss = await Promise.all(nodes.map(residentBytes));
	return nodes.map((_, i) => {
		const usedMs = (cpu[i]?.serverMs ?? 0) - (cpuBefore[i]?.serverMs ?? 0);
		const now = rss[i] ?? 0;
		const people = incidentsCount * peopleCount;
		const bytesEach = before[i] ? (now - before[i].rss) / people : NaN;
		return { rss: now, bytesEach, processor: usedMs / (quietSeconds * 1_000) };
	});
}

function inWords({ bytesEach, processor }: Cost): string[] {
	const memory = Number.isNaN(bytesEach) ? '–' : (bytesEach / kilobyte).toFixed(1);
	return [memory, (processor * 100).toFixed(1)];
}
