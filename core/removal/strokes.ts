import * as Y from 'yjs';
import type { Span } from './spans.ts';
import { indexesOf } from './texts.ts';

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];

interface Stroke {
	readonly clock: number;
	readonly text: string;
	/** It goes on where the client's clock before it was. */
	readonly goesOn: boolean;
}

/**
 * What each client ever typed or pasted at one stretch, read from updates and not from a document:
 * also what was deleted before anybody else could read it, or is sent again.
 */
export class Strokes {
	readonly #byClient = new Map<number, Stroke[]>();

	note(structs: readonly Struct[]): void {
		for (const struct of structs) {
			if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
			const { client, clock } = struct.id;
			const strokes = this.#byClient.get(client) ?? [];
			const { origin } = struct;
			const goesOn = origin?.client === client && origin.clock === clock - 1;
			strokes.push({ clock, text: struct.content.str, goesOn });
			this.#byClient.set(client, strokes);
		}
	}

	/** Where a text was written at one stretch. */
	find(needle: string): Span[] {
		return [...this.#byClient].flatMap(([client, strokes]) =>
			stretchesOf(strokes).flatMap(({ clock, text }) =>
				indexesOf(text, needle).map((at) => ({
					client,
					clock: clock + at,
					length: needle.length,
				})),
			),
		);
	}
}

/** Joins what was typed on and on; what came twice counts once. */
function stretchesOf(strokes: readonly Stroke[]): { clock: number; text: string }[] {
	const stretches: { clock: number; text: string }[] = [];
	const sorted = strokes.toSorted((a, b) => a.clock - b.clock || b.text.length - a.text.length);
	for (const { clock, text, goesOn } of sorted) {
		const last = stretches.at(-1);
		const end = last ? last.clock + last.text.length : -1;
		if (last && clock < end) last.text += text.slice(end - clock);
		else if (last && clock === end && goesOn) last.text += text;
		else stretches.push({ clock, text });
	}
	return stretches;
}
