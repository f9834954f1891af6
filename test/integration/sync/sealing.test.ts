import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf } from '#core/incident/document.ts';
import { readFacts } from '#core/incident/record.ts';
import { decodeEdits } from '#core/incident/turn.ts';
import { SyncPeer } from '../../support/client.ts';
import { TwoNodes } from '../../support/nodes.ts';
import { callApi, declare, invite } from '../../support/people.ts';
import type { Muster } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let nodes: TwoNodes;
beforeAll(async () => void (nodes = await TwoNodes.start()));
afterAll(() => nodes[Symbol.asyncDispose]());

/** The kinds of edits in the journal since the incident was last closed, in order. */
async function kindsSinceClosing(incident: string): Promise<readonly string[]> {
	const rows = await nodes.sql<{ edits: Uint8Array }[]>`
		select edits from journal where document = ${incident} order by turn`;
	const doc = createDocument('follower');
	let kinds: string[] = [];
	for (const row of rows) {
		const edits = decodeEdits(row.edits);
		const before = closings(doc);
		for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
		kinds = closings(doc) > before ? [] : [...kinds, ...edits.map(({ kind }) => kind)];
	}
	return kinds;
}

function closings(doc: Y.Doc): number {
	return readFacts(doc).filter((fact) => fact.kind === 'status' && fact.status === 'closed').length;
}

/** Somebody types without pause on one node while the incident is closed on the other. */
async function race(closer: Muster): Promise<string> {
	const incident = await declare(nodes.near);
	const person = await invite(nodes.near, 'ada');
	const route = `POST /incidents/${incident}/commands` as const;
	await callApi(nodes.near, route, { body: { type: 'setStatus', status: 'resolved' } });
	const { syncUrl } = nodes.near;
	using hers = new SyncPeer({ syncUrl, incident, token: person.token });
	await hers.connect();
	let typed = 0;
	const typing = setInterval(
		() => hers.edit(`${typed++}`, (doc) => impactOf(doc).insert(0, 'x')),
		12,
	);
	await until('some of it is saved', () => hers.acked.size > 10);
	const { status } = await callApi(closer, route, { body: { type: 'close' } });
	expect(status).toBe(200);
	expect((await hers.ended()).code).toBe(4403);
	clearInterval(typing);
	return incident;
}

test('an edit that races a closing on another node is before it or late, never after it as if nothing were', async () => {
	const incidents = await Promise.all(Array.from({ length: 6 }, () => race(nodes.far)));
	for (const incident of incidents) {
		const kinds = await kindsSinceClosing(incident);
		expect(kinds.filter((kind) => kind !== 'late' && kind !== 'facts')).toEqual([]);
	}
});

test('an edit that races a closing on its own node is before it', async () => {
	expect(await kindsSinceClosing(await race(nodes.near))).toEqual([]);
});

test('a closed incident takes a correction of its milestones and is reopened, on any node', async () => {
	const incident = await race(nodes.far);
	const route = `POST /incidents/${incident}/commands` as const;
	const at = new Date(60_000).toISOString();
	for (const node of [nodes.near, nodes.far]) {
		const body = {
			type: 'setMilestone',
			milestone: 'detected',
			at: node === nodes.near ? at : null,
		};
		expect((await callApi(node, route, { body })).status).toBe(200);
	}
	expect((await callApi(nodes.near, route, { body: { type: 'reopen' } })).status).toBe(200);
	const person = await invite(nodes.far, 'grace');
	using hers = new SyncPeer({ syncUrl: nodes.far.syncUrl, incident, token: person.token });
	await hers.connect();
	hers.edit('again', (doc) => impactOf(doc).insert(0, 'again'));
	await hers.saved();
	expect(await kindsSinceClosing(incident)).toContain('edit');
});
