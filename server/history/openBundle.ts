import { createHash } from 'node:crypto';
import { roomDocumentOf } from '#core/ids.ts';
import {
	decodeHistory,
	journalBytes,
	type HistoryTurn,
	type Proof,
} from '#core/incident/history.ts';
import { Refusal } from '#core/refusal.ts';
import {
	bundleFiles,
	bundleFormat,
	editsPerFile,
	historyFile,
	isBundleFile,
	mostEdits,
	readManifest,
	readStays,
	turnsPerFile,
	versionOf,
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

/** A bundle whose files are what its manifest says, with a chain that fits. */
export interface Bundle {
	readonly manifest: Manifest;
	readonly turns: readonly ChainedTurn[];
	readonly stays: readonly Stay[];
}

/** Reads a bundle and checks all of it but what its edits do. Throws a `Refusal` that says where. */
export async function openBundle(archive: Uint8Array): Promise<Bundle> {
	const files = await readZip(archive, isBundleFile);
	const manifest = manifestIn(files);
	checkFiles(files, manifest);
	const stays = readStays(jsonIn(files, bundleFiles.attendance));
	if (!stays) throw refusal(`${bundleFiles.attendance} says something else than who was there.`);
	return { manifest, stays, turns: await turnsIn(files, manifest) };
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
	const isOther = version !== null && version !== bundleFormat;
	throw refusal(
		isOther
			? `It is of version ${version}, and this Muster reads version ${bundleFormat}.`
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

function checkFiles(files: ReadonlyMap<string, Uint8Array>, { files: said }: Manifest): void {
	for (const [name, bytes] of files) {
		if (name === bundleFiles.manifest) continue;
		const one = Object.hasOwn(said, name) ? said[name] : undefined;
		if (!one) throw refusal(`${bundleFiles.manifest} does not name ${name}.`);
		// A history is looked at turn by turn, so that it can be said from where on it does not fit.
		if (!name.startsWith('history/') && !isAsSaid(bytes, one)) {
			throw refusal(`${name} was changed.`);
		}
	}
	const missing = Object.keys(said).find((name) => !files.has(name));
	if (missing !== undefined) throw refusal(`${JSON.stringify(missing.slice(0, 100))} is missing.`);
}

function isAsSaid(bytes: Uint8Array, said: Manifest['files'][string] | undefined): boolean {
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	return said?.bytes === bytes.length && said.sha256 === sha256;
}

async function turnsIn(
	files: ReadonlyMap<string, Uint8Array>,
	manifest: Manifest,
): Promise<readonly ChainedTurn[]> {
	const turns: ChainedTurn[] = [];
	const nonces = new Set<string>();
	const slices = new Slices(limits.sliceMs);
	const count = [...files.keys()].filter((name) => name.startsWith('history/')).length;
	let editsLeft = mostEdits;
	let last: Last = { turn: 0, at: 0, head: firstHead(roomDocumentOf(manifest.incident.id)) };
	for (let index = 0; index < count; index++) {
		const name = historyFile(index);
		const bytes = files.get(name);
		if (!bytes) throw refusal(`${name} is missing.`);
		if (!isAsSaid(bytes, manifest.files[name])) {
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
	if (last.turn !== manifest.turns) throw refusal(`Turn ${last.turn + 1} is missing.`);
	if (Buffer.from(last.head).toString('hex') !== manifest.head) {
		throw refusal(`After turn ${last.turn} the chain has another head than it says.`);
	}
	return turns;
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
