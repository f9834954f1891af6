import * as Y from 'yjs';
import { afterEach, expect, test, vi } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { Draft } from '#server/sync/turn/draft.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { HotDocument } from '#server/sync/hot.ts';
import { HandClock } from '../../support/handClock.ts';
import { HandWire, infoOf, peerOn } from '../../support/handWire.ts';

afterEach(() => vi.restoreAllMocks());

/** Takes in an edit that takes so long (ms), in which this thread was at work for so long. */
function takeIn({ wallMs, cpuMs }: { wallMs: number; cpuMs: number }) {
	let at = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => (at += wallMs));
	vi.spyOn(process, 'threadCpuUsage').mockReturnValue({ user: cpuMs * 1_000, system: 0 });
	const clock = new HandClock();
	const wire = new HandWire();
	const { peer, why } = peerOn(wire, infoOf('ada'), clock);
	const doc = new Y.Doc();
	impactOf(doc).insert(0, 'checkouts fail');
	const bytes = Y.encodeStateAsUpdate(doc);
	const hot = new HotDocument(new Map());
	const draft = new Draft(hot);
	const scan = scanUpdate(bytes);
	draft.takeIn([{ peer, n: 1, kind: 'update', bytes, scan, receivedAt: clock.now() }], {
		readOnly: () => null,
		mayLack: false,
	});
	return { hot, draft, wire, why, bytes };
}

test('an edit that holds up everybody is taken, and its author is sent away for a while', () => {
	const { hot, draft, wire, why, bytes } = takeIn({ wallMs: 150, cpuMs: limits.applyMs + 1 });
	expect(impactOf(hot.doc).toJSON()).toBe('checkouts fail');
	expect(draft.edits).toHaveLength(1);
	expect(why).toMatchObject([{ code: 'tooMany', field: 'apply' }]);
	expect(wire.closed).toEqual({
		code: 1013,
		reason: `This edit of ${bytes.length} bytes took 150 ms, which holds up everybody.`,
	});
});

test('nobody is sent away because the machine is busy with something else', () => {
	expect(takeIn({ wallMs: 150, cpuMs: 3 }).wire.closed).toBeNull();
	expect(takeIn({ wallMs: 20, cpuMs: 20 }).wire.closed).toBeNull();
});
