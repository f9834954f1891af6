import * as Y from 'yjs';
import { expect, test } from 'vitest';
import { theoryOf } from '#core/incident/document.ts';
import { Answers } from '#server/sync/answers.ts';
import { HotDocument } from '#server/sync/hot.ts';
import type { Frame } from '#server/sync/peers/frames.ts';
import { HandClock } from '../../support/handClock.ts';
import { HandWire, infoOf, peerOn } from '../../support/handWire.ts';

test('five hundred who come back are sent the one encoding of the document, until it changes', () => {
	using hot = new HotDocument(new Map());
	const answers = new Answers(hot, (look) => look());
	const crowd = Array.from({ length: 500 }, (_, i) => visitor(`p${i}`));
	theoryOf(hot.doc).insert(0, 'the disk of db1 is full');
	const comeBack = (stateVector: Uint8Array): Set<Frame> => {
		for (const { peer } of crowd) answers.ask(peer, stateVector);
		return new Set(crowd.flatMap(({ wire }) => wire.sent.splice(0)));
	};

	const nothing = Uint8Array.of(0);
	const first = comeBack(nothing);
	expect(first.size).toBe(1);
	const all = Y.encodeStateVector(hot.doc);
	expect(comeBack(all).size).toBe(1);
	expect(comeBack(nothing)).toEqual(first);
	theoryOf(hot.doc).insert(0, 'No: ');
	expect(comeBack(nothing)).not.toEqual(first);
});

function visitor(name: string) {
	const wire = new HandWire();
	return { wire, peer: peerOn(wire, infoOf(name), new HandClock()).peer };
}
