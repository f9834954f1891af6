import { gunzipSync } from 'node:zlib';
import { decodeHistory } from '#core/incident/history.ts';
import { Frames, type HistoryHeader } from '#core/review/download.ts';
import { Replay } from '#core/review/replay.ts';

/** A history as it came over the network: its header, and a replay of its turns. */
export interface Downloaded {
	readonly header: HistoryHeader;
	readonly replay: Replay;
	readonly bytes: number;
}

/** Downloads an incident's history as a browser does, in the pieces in which it comes. */
export async function downloadReplay(
	url: string,
	incident: string,
	{ token, replay = new Replay() }: { token: string; replay?: Replay },
): Promise<Downloaded> {
	const answer = await fetch(`${url}/api/v1/incidents/${incident}/history?after=${replay.length}`, {
		headers: { Authorization: `Bearer ${token}` },
	});
	if (!answer.ok || !answer.body)
		throw new Error(`The history was answered with ${answer.status}.`);
	const frames = new Frames();
	let header: HistoryHeader | null = null;
	let bytes = 0;
	for await (const piece of answer.body) {
		bytes += piece.length;
		for (const frame of frames.take(piece)) {
			const plain = gunzipSync(frame);
			if (header) replay.add(decodeHistory(plain));
			else header = JSON.parse(plain.toString()) as HistoryHeader;
		}
	}
	if (!header || !frames.isWhole) throw new Error('A history that ends too early.');
	return { header, replay, bytes };
}
