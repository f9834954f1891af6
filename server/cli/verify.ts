import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { isUuid, kindOf, type DocumentId, type DocumentKind } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { readHeads, type PublishedHead } from '#server/history/headFile.ts';
import type { KnownHead } from '#server/history/knownHeads.ts';
import type { Verdict } from '#server/history/verify.ts';
import { Failure, type Surroundings } from './remote.ts';

interface VerifyOptions {
	readonly head?: string;
}

/** Heads to compare with: one of an unknown turn, or those of a file. */
type Heads = { readonly one: Uint8Array } | { readonly lines: readonly PublishedHead[] };

/** `muster verify`: derives a history anew from its first turn; fails if anything kept does not fit. */
export function verifyCommand({ env, write, complain }: Surroundings): Command {
	return new Command('verify')
		.description('derive histories anew, and name the first turn that does not fit')
		.argument(
			'[incident]',
			'its number, 42 or INC-42, or its id; or the file of a bundle; without one: all incidents',
		)
		.option('--head <head>', 'a head that was kept elsewhere, in hex, or a file of published ones')
		.addHelpText(
			'after',
			'\nReads the store itself (DATABASE_URL, or the one below DATA_DIR): whoever verifies need not' +
				'\nbelieve a server. Of a bundle it needs nothing but the file. Without a head it can only tell' +
				'\nwhether a history fits itself.',
		)
		.action(async (incident: string | undefined, options: VerifyOptions) => {
			const heads = options.head === undefined ? null : await headsOf(options.head, complain);
			const known: Known = (document) => knownOf(heads, document);
			const named = incident?.replace(/^INC-/i, '') ?? null;
			const isFile = named !== null && !/^\d+$/.test(named) && !isUuid(named);
			try {
				if (isFile) await verifyFile(named, { known, write });
				else await verifyStore(env, { named, known, write });
			} catch (error) {
				throw error instanceof Refusal ? new Failure(error.message) : error;
			}
		});
}

async function headsOf(text: string, complain: Surroundings['complain']): Promise<Heads> {
	if (/^[0-9a-f]{64}$/i.test(text)) return { one: Buffer.from(text, 'hex') };
	try {
		const { heads, unread } = readHeads(await readFile(text, 'utf8'));
		for (const line of unread) complain(`${text}, line ${line}: this is no published head.\n`);
		return { lines: heads };
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code !== '')
			throw new Failure(`${text} is no head of 64 hex digits, and no file (${code}).`);
		throw error;
	}
}

type Known = (document: DocumentId) => readonly KnownHead[];

async function verifyFile(
	file: string,
	{ known, write }: { known: Known; write: Surroundings['write'] },
): Promise<void> {
	const archive = await readFile(file).catch((error: NodeJS.ErrnoException) => {
		throw new Failure(`${file} is no incident, and no file (${error.code ?? 'unknown'}).`);
	});
	const { verifyBundle } = await import('#server/history/verifyBundle.ts');
	const verdicts = await verifyBundle(archive, known);
	for (const { number, kind, verdict } of verdicts) {
		write(`${number === null ? file : nameOf(number, kind)}: ${sentenceOf(verdict)}\n`);
	}
	const isBroken = verdicts.some(({ verdict }) => verdict.verdict === 'broken');
	if (isBroken) throw new Failure('This bundle is broken.');
}

async function verifyStore(
	env: NodeJS.ProcessEnv,
	what: { named: string | null; known: Known; write: Surroundings['write'] },
): Promise<void> {
	// Only this command needs the store, which takes a while to load.
	const { verifyIncidents } = await import('#server/history/verification.ts');
	let broken = 0;
	for await (const { number, kind, verdict } of verifyIncidents(env, what.named, what.known)) {
		if (verdict.verdict === 'broken') broken += 1;
		what.write(`${nameOf(number, kind)}: ${sentenceOf(verdict)}\n`);
	}
	if (broken === 0) return;
	throw new Failure(broken === 1 ? 'One history is broken.' : `${broken} histories are broken.`);
}

function nameOf(number: number, kind: DocumentKind): string {
	return kind === 'room' ? `INC-${number}` : `INC-${number} retrospective`;
}

/** A head that is given alone is one of an incident's own history. */
function knownOf(heads: Heads | null, document: DocumentId): readonly KnownHead[] {
	if (!heads) return [];
	if ('lines' in heads) return heads.lines.filter((line) => line.document === document);
	return kindOf(document) === 'room' ? [{ turn: null, head: heads.one }] : [];
}

function sentenceOf(verdict: Verdict): string {
	if (verdict.verdict === 'broken') {
		const { turn, what } = verdict;
		return turn === null ? `broken: ${what}` : `broken at turn ${turn}: ${what}`;
	}
	const { turns, head, states, removed, passed } = verdict;
	const first =
		verdict.verdict === 'authentic' ? `authentic up to turn ${verdict.upTo}` : 'consistent';
	return [
		`${first}, turns: ${turns}, kept states: ${states}, head: ${Buffer.from(head).toString('hex')}`,
		...(removed > 0 ? [`turns that something was removed from: ${removed}`] : []),
		...(passed > 0 ? [`turns that are passed over: ${passed}`] : []),
	].join('; ');
}
