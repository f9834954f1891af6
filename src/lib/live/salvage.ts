import * as Y from 'yjs';
import { readIncident, type NameOf } from '#core/incident/reading.ts';

/** A file that holds what the server turned away, for people and for programs. */
export interface Salvage {
	readonly name: string;
	readonly text: string;
}

/**
 * What this device has and the server lacks, as JSON: the reading in words, entries not yet logged
 * by name, and the Yjs update in base64 for whoever wants to bring it back exactly.
 */
export function salvage(
	doc: Y.Doc,
	serverVector: Uint8Array | null,
	about: { number: number; nameOf: NameOf; at: number; reason: string },
): Salvage {
	const incident = readIncident(doc, about.nameOf);
	const notLogged = incident.timeline.filter(
		(item) => item.source === 'entry' && item.recordedAt === null,
	);
	const update = Y.encodeStateAsUpdate(doc, serverVector ?? undefined);
	const text = JSON.stringify(
		{
			what: `Changes to INC-${about.number} that Muster's server did not take`,
			reason: about.reason,
			keptAt: new Date(about.at).toISOString(),
			entriesNotLogged: notLogged.map(({ text, kind, occurredAt }) => ({
				text,
				kind,
				occurredAt: new Date(occurredAt).toISOString(),
			})),
			asOnThisDevice: {
				title: incident.title,
				impact: incident.impact,
				theory: incident.theory,
				notes: incident.notes,
				tasks: incident.tasks.map(({ title, done }) => ({ title, done })),
			},
			yjsUpdateV1: base64(update),
		},
		null,
		'\t',
	);
	const stamp = new Date(about.at).toISOString().slice(0, 19).replaceAll(':', '');
	return { name: `INC-${about.number}-unsaved-${stamp}.json`, text };
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
