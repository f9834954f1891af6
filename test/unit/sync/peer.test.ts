import { expect, test } from 'vitest';
import { ackFrame } from '#server/sync/peers/frames.ts';
import { HandClock } from '../../support/handClock.ts';
import { HandWire, infoOf, peerOn } from '../../support/handWire.ts';

test('a message that waits for a hole holds back the count until a whole step 2 fills it', () => {
	const { peer, wire } = ada();
	peer.hold(1, 0);
	peer.settle(2, false);
	peer.acknowledge();
	expect(wire.sent).toEqual([]);
	peer.settle(3, true);
	peer.acknowledge();
	expect(wire.sent).toEqual([ackFrame(3)]);
	expect(peer.incompleteSince).toBe(null);
});

test('a step 2 fills no hole of a message that came after it', () => {
	const { peer, wire } = ada();
	peer.hold(1, 1_000);
	peer.hold(3, 2_000); // while the step 2 waits for its turn's commit
	peer.settle(2, true);
	peer.settle(4, false);
	peer.acknowledge();
	expect(wire.sent).toEqual([ackFrame(2)]);
	expect(peer.incompleteSince).toBe(2_000);
});

function ada() {
	const wire = new HandWire();
	return { wire, peer: peerOn(wire, infoOf('ada'), new HandClock()).peer };
}
