import { expect, it } from 'vitest';
import { Workshop } from '#server/opening/workshop.ts';

it('a long history is opened also while whoever asks for it is busy and reads nothing', async () => {
	using workshop = new Workshop();
	await workshop.ready;
	const trying = workshop.try({ state: null, turns: Array.from({ length: 200_000 }, () => []) });
	// The question is sent before this thread does anything else; what is said of it fills a pipe.
	await new Promise(setImmediate);
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
	expect(await trying).toEqual({ isGood: true });
});
