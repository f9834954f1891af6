import { createHash } from 'node:crypto';
import { documentOf, type DocumentId, type DocumentKind } from '#core/ids.ts';
import {
	decodeHistory,
	journalBytes,
	type HistoryTurn,
	type Proof,
} from '#core/incident/history.ts';
import { Refusal } from '#core/refusal.ts';
import { readBundledActions, type BundledAction } from '#core/review/export/bundledActions.ts';
import {
	bundleFiles,
	editsPerFile,
	historyFile,
	historyKindOf,
	isBundleFile,
	learningFiles,
	mostEdits,
	turnsPerFile,
} from '#core/review/export/bundleFiles.ts';
import {
	bundleFormats,
	readManifest,
	readStays,
	versionOf,
	type HistoryClaim,
	type Manifest,
	type Stay,
} from '#core/review/export/manifest.ts';
import { limits } from '#server/limits.ts';
import { digestOf, firstHead, headAfter } from '#server/storage/chain.ts';
import { Slices } from './slices.ts';
import { readZip } from './unzip.ts';

/** A turn with what the chain says of it. */
export interface ChainedTurn extends HistoryTurn {
	readonly proof: Proof;
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
}

/** A document's history in a bundle, with a chain that fits what its manifest says. */
export interface BundledHistory {
	readonly document: DocumentId;
	readonly claim: HistoryClaim;
	readonly turns: readonly ChainedTurn[];
}

/** A bundle whose files are what its manifest says. */
export interface Bundle {
	readonly manifest: Manifest;
	readonly room: BundledHistory;
	/** Null where no retrospective was begun. */
	readonly retro: BundledHistory | null;
	readonly stays: readonly Stay[];
	readonly actions: readonly BundledAction[];
}

/** Reads a bundle and checks all of it but what its edits do. Throws a `Refusal` that says where. */
export async function openBundle(archive: Uint8Array): Promise<Bundle> {
	const files = await readZip(archive, isBundleFile);
	const manifest = manifestIn(files);
	checkFiles(files, manifest);
	const stays = readStays(jsonIn(files, bundleFiles.attendance));
	if (!stays) throw refusal(`${bundleFiles.attendance} says something else than who was there.`);
	const actions = actionsIn(files);
	const room = await historyIn(files, manifest, { kind: 'room', mostEdits });
	const left = mostEdits - editsOf(room);
	const retro = manifest.retro
		? await historyIn(files, manifest, { kind: 'retro', mostEdits: left })
		: null;
	return { manifest, stays, actions, room, retro };
}

/** The histories of a bundle, the room's first. */
export function historiesOf({ room, retro }: Bundle): readonly BundledHistory[] {
	return retro ? [room, retro] : [room];
}

/** Does something with one history of a bundle; a refusal says so where it is the retrospective's. */
export async function inHistory<T>(kind: DocumentKind, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (kind === 'room' || !(error instanceof Refusal)) throw error;
		throw new Refusal(error.code, `${error.message} This is in the retrospective’s history.`);
	}
}

/** Why a bundle is not taken, as one sentence. */
export function refusal(sentence: string): Refusal {
	return new Refusal('invalid', `This bundle is not taken. ${sentence}`);
}

function manifestIn(files: ReadonlyMap<string, Uint8Array>): Manifest {
	const json = jsonIn(files, bundleFiles.manifest);
	const manifest = readManifest(json);
	if (manifest) return manifest;
	const version = versionOf(json);
	const read = Object.values<number>(bundleFormats);
	throw refusal(
		version !== null && !read.includes(version)
			? `It is of version ${version}, and this Muster reads version ${read.join(' and ')}.`
			: `${bundleFiles.manifest} is not as it should be.`,
	);
}

function jsonIn(files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
	const bytes = files.get(name);
	if (!bytes) throw refusal(`${name} is missing.`);
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		throw refusal(`${name} is not JSON.`);
	}
}

function checkFiles(
	files: ReadonlyMap<string, Uint8Array>,
	{ files: said, retro }: Manifest,
): void {
	for (const [name, bytes] of files) {
		if (name === bundleFiles.manifest) continue;
		const one = Object.hasOwn(said, name) ? said[name] : undefined;
		if (!one) throw refusal(`${bundleFiles.manifest} does not name ${name}.`);
		// A history is looked at turn by turn, so that it can be said from where on it does not fit.
		if (historyKindOf(name) === null && !isAsSaid(bytes, one)) {
			throw refusal(`${name} was changed.`);
		}
	}
	const isUnsaid = [...files.keys()].some((name) => historyKindOf(name) === 'retro') && !retro;
	if (isUnsaid) {
		throw refusal(`${bundleFiles.manifest} says nothing of the retrospective that it holds.`);
	}
	const missing = Object.keys(said).find((name) => !files.has(name));
	if (missing !== undefined) throw refusal(`${JSON.stringify(missing.slice(0, 100))} is missing.`);
}

function isAsSaid(bytes: Uint8Array, said: Manifest['files'][string] | undefined): boolean {
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	return said?.bytes === bytes.length && said.sha256 === sha256;
}

function actionsIn(files: ReadonlyMap<string, Uint8Array>): readonly BundledAction[] {
	if (!files.has(learningFiles.actions)) return [];
	const actions = readBundledActions(jsonIn(files, learningFiles.actions));
	if (actions) return actions;
	throw refusal(`${learningFiles.actions} says something else than what is to be done.`);
}

async function historyIn(
	files: ReadonlyMap<string, Uint8Array>,
	manifest: Manifest,
	{ kind, mostEdits }: { readonly kind: DocumentKind; readonly mostEdits: number },
): Promise<BundledHistory> {
	const { incident, retro, files: said, turns: count, head, clients, passed } = manifest;
	const document = documentOf(incident.id, kind);
	const room = { turns: count, head, clients, passed };
	const claim = kind === 'retro' && retro ? retro : room;
	const parts = [...files.keys()].filter((name) => historyKindOf(name) === kind).length;
	const names = Array.from({ length: parts }, (_, index) => historyFile(index, kind));
	const turns = await inHistory(kind, () =>
		turnsIn({ files, said, names, mostEdits }, { document, claim }),
	);
	return { document, claim, turns };
}

function editsOf({ turns }: BundledHistory): number {
	return turns.reduce((sum, { edits }) => sum + edits.length, 0);
}

async function turnsIn(
	{ files, said, names, mostEdits }: HistoryFiles,
	{ document, claim }: Omit<BundledHistory, 'turns'>,
): Promise<readonly ChainedTurn[]> {
	const turns: ChainedTurn[] = [];
	const nonces = new Set<string>();
	const slices = new Slices(limits.sliceMs);
	let editsLeft = mostEdits;
	let last: Last = { turn: 0, at: 0, head: firstHead(document) };
	for (const name of names) {
		const bytes = files.get(name);
		if (!bytes) throw refusal(`${name} is missing.`);
		if (!isAsSaid(bytes, said[name])) {
			throw refusal(`Turn ${last.turn + 1} and those after it: ${name} was changed.`);
		}
		for (const turn of decoded(bytes, { first: last.turn + 1, name, editsLeft })) {
			editsLeft -= turn.edits.length;
			const chained = follow(last, turn);
			if (nonces.size === nonces.add(chained.proof.nonce).size) {
				throw refusal(`Turn ${turn.turn} has the nonce of an earlier one.`);
			}
			turns.push(chained);
			last = chained;
			if (slices.isOver) await slices.pass();
		}
	}
	if (last.turn !== claim.turns) throw refusal(`Turn ${last.turn + 1} is missing.`);
	if (Buffer.from(last.head).toString('hex') !== claim.head) {
		throw refusal(`After turn ${last.turn} the chain has another head than it says.`);
	}
	return turns;
}

interface HistoryFiles {
	readonly files: ReadonlyMap<string, Uint8Array>;
	/** What the manifest says of them. */
	readonly said: Manifest['files'];
	readonly names: readonly string[];
	readonly mostEdits: number;
}

function decoded(
	bytes: Uint8Array,
	{ first, name, editsLeft }: { first: number; name: string; editsLeft: number },
): readonly HistoryTurn[] {
	const bounds = { mostTurns: turnsPerFile, mostEdits: Math.min(editsPerFile, editsLeft) };
	try {
		return decodeHistory(bytes, bounds);
	} catch {
		throw refusal(`Turn ${first} and those after it: ${name} cannot be read, or holds too much.`);
	}
}

type Last = Pick<ChainedTurn, 'turn' | 'at' | 'head'>;

function follow(last: Last, turn: HistoryTurn): ChainedTurn {
	const { proof, at } = turn;
	if (turn.turn !== last.turn + 1) throw refusal(`Turn ${last.turn + 1} is missing.`);
	if (!proof) throw refusal(`Turn ${turn.turn} has no salt and no digest.`);
	const latest = (Date.now() + limits.clockSkewMs) * 1_000;
	if (!Number.isSafeInteger(at) || at < last.at) {
		throw refusal(`Turn ${turn.turn} is earlier than the one before it.`);
	}
	if (at > latest) throw refusal(`Turn ${turn.turn} is in the future.`);
	const digest = digestOf(proof, journalBytes(turn));
	return { ...turn, proof, digest, head: headAfter(last.head, { at, digest }) };
}
