import * as Y from 'yjs';
import type { SalvageWords } from './subject.ts';

/** A file that holds what the server turned away, for people and for programs. */
export interface Salvage {
	readonly name: string;
	readonly text: string;
}

/**
 * What this device has and the server lacks, as JSON: in words, and the Yjs update in base64 for whoever
 * wants to bring it back exactly.
 */
export function salvage(
	doc: Y.Doc,
	serverVector: Uint8Array | null,
	about: { words: SalvageWords; at: number; reason: string },
): Salvage {
	const { words, at, reason } = about;
	const update = Y.encodeStateAsUpdate(doc, serverVector ?? undefined);
	const text = JSON.stringify(
		{
			what: `Changes to ${words.name} that Muster's server did not take`,
			reason,
			keptAt: new Date(at).toISOString(),
			...words.content,
			yjsUpdateV1: base64(update),
		},
		null,
		'\t',
	);
	const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(':', '');
	return { name: `${words.name}-unsaved-${stamp}.json`, text };
}

function base64(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += String.fromCharCode(byte);
	return btoa(text);
}

/** Hands a file to the browser to be saved. */
export function download(file: Salvage): void {
	const url = URL.createObjectURL(new Blob([file.text], { type: 'application/json' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = file.name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
