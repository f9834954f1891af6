import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import type { PersonId } from '#core/ids.ts';
import type { Cast } from './cast.ts';
import { addTask, erase, log, type, writeLine, writeList, type Pace } from './writing.ts';

const minute = 60_000;
const gitlab = path.resolve(
	import.meta.dirname,
	'../../test/fixtures/timelines/gitlab-2017-01-31.json',
);

/** An incident of the demo, as people find it. */
export interface Told {
	readonly id: string;
	readonly number: number;
}

/** A finished incident: what GitLab wrote down of 31 January 2017. */
export async function tellPast({ priya }: Cast): Promise<Told> {
	const answer = await priya.ask('POST /imports/timeline', await readFile(gitlab, 'utf8'));
	return { id: String(answer['id']), number: Number(answer['number']) };
}

/** An open incident in its first minutes: everybody enters and does what one does then. */
export async function tellPresent(cast: Cast): Promise<Told> {
	const { priya, jo, sam, maya } = cast;
	const title = 'Checkout 5xx in us-east';
	const answer = await jo.ask('POST /incidents', { title, severity: 'SEV2' });
	const told = { id: String(answer['id']), number: Number(answer['number']) };
	await Promise.all(Object.values(cast).map((person) => person.enter(told.id)));
	const now = Date.now();
	log(
		jo,
		{ kind: 'alert', text: 'checkout-api 5xx > 5 %', actors: 'Prometheus' },
		now - 9 * minute,
	);
	log(jo, { kind: 'finding', text: 'Pool at 60/60 on all us-east pods' }, now - 6 * minute);
	log(
		sam,
		{ kind: 'ruledOut', text: 'Replica lag ruled out: 0.3 s', starred: true },
		now - 4 * minute,
	);
	log(
		maya,
		{ kind: 'finding', text: 'Started with the 02:05 deploy, within a minute' },
		now - 2 * minute,
	);
	await decide(cast, told);
	impactOf(jo.doc).insert(
		0,
		'18 % of checkouts fail in us-east. About 2,300 customers. No data loss known.',
	);
	theoryOf(maya.doc).insert(0, 'Connection pool exhausted after the last deploy.');
	log(priya, { kind: 'decision', text: 'Roll back, not forward-fix', starred: true });
	log(jo, { kind: 'action', text: 'Rollback started, 2/12 pods' });
	giveWork(cast);
	takeNotes(cast);
	await pause(500); // what was typed is on its way
	return told;
}

async function decide({ priya, jo, sam }: Cast, { id }: Told): Promise<void> {
	const send = (person: typeof jo, command: object) =>
		person.ask(`POST /incidents/${id}/commands`, command);
	const at = new Date(Date.now() - 9 * minute).toISOString();
	await send(priya, { type: 'takeRole', role: 'commander' });
	await send(priya, { type: 'setSeverity', severity: 'SEV1', expects: 'SEV2' });
	await send(priya, { type: 'assignRole', role: 'ops', person: jo.id });
	await send(sam, { type: 'takeRole', role: 'scribe' });
	await send(jo, { type: 'setMilestone', milestone: 'impactStarted', at });
	await send(sam, {
		type: 'link',
		url: 'https://example.com/d/checkout',
		title: 'Checkout dashboard',
	});
	await send(sam, { type: 'link', url: 'https://example.com/bridge', title: 'Bridge call' });
	await send(priya, { type: 'setStatus', status: 'identified', expects: 'investigating' });
}

function giveWork({ priya, jo, sam }: Cast): void {
	const now = Date.now();
	addTask(priya, {
		title: 'Roll back checkout-api',
		assignee: jo.id as PersonId,
		due: now + 10 * minute,
	});
	addTask(priya, { title: 'Watch error budget burn', assignee: sam.id as PersonId });
	addTask(priya, { title: 'Draft customer update', due: now + 15 * minute });
}

function takeNotes({ sam }: Cast): void {
	writeLine(sam, 'heading', 'What we know');
	writeList(sam, [
		'Pods in us-east hold 60 of 60 connections; us-west holds 22.',
		'The pool size is a constant per pod, not per database.',
	]);
	writeLine(sam, 'heading', 'Before we call it fixed');
	writeLine(sam, 'paragraph', '5xx below 1 % for ten minutes, then raise the alert on saturation.');
}

/** Everybody sits where they work, and two are about to type: a picture that does not move. */
export function standStill({ priya, jo, maya, sam }: Cast): void {
	priya.goTo('composer');
	jo.goTo('impact');
	maya.goTo('theory');
	maya.typing('theory');
	sam.goTo('notes');
}

/** The incident goes on: people type until the demo ends. The documents do not grow for ever. */
export async function goOn(cast: Cast, pace: Pace): Promise<void> {
	await Promise.all([rollBack(cast, pace), theorize(cast, pace), writeDown(cast, pace)]);
}

async function rollBack({ jo, priya, omar }: Cast, pace: Pace): Promise<void> {
	for (let pods = 4; pods <= 12; pods += 2) {
		await pause(20_000, null, pace);
		jo.typing('composer');
		await pause(3_000, null, pace);
		jo.typing(null);
		log(jo, { kind: 'action', text: `Rollback at ${pods}/12 pods` });
	}
	await pause(10_000, null, pace);
	log(omar, { kind: 'finding', text: '5xx back under 1 %' });
	log(priya, { kind: 'decision', text: 'Watch for ten minutes before we resolve' });
}

async function theorize({ maya }: Cast, pace: Pace): Promise<void> {
	const thoughts = [
		' 70 % sure.',
		' Jo checks the pool size per pod.',
		' 90 % sure: us-west did not deploy.',
	];
	const theory = theoryOf(maya.doc);
	for (let n = 0; ; n++) {
		const words = thoughts[n % thoughts.length] ?? '';
		await pause(5_000, null, pace);
		await type(maya, theory, { words, place: 'theory', pace });
		await pause(9_000, null, pace);
		await erase(maya, theory, { count: words.length, place: 'theory', pace });
	}
}

async function writeDown({ sam }: Cast, pace: Pace): Promise<void> {
	const lines = [
		'us-east pods drain one by one. ',
		'Error budget burns at 6×. ',
		'Carts are kept. ',
	];
	const text = writeLine(sam, 'paragraph', '');
	for (let n = 0; ; n++) {
		await pause(2_000, null, pace);
		if (text.length > 200) await erase(sam, text, { count: text.length, place: 'notes', pace });
		await type(sam, text, { words: lines[n % lines.length] ?? '', place: 'notes', pace });
	}
}
