import { expect, test } from 'vitest';
import { HotDocument } from '#server/sync/hot.ts';
import { Looks } from '#server/sync/looks.ts';

test('whoever waits behind a look that fails hears that it was in vain', async () => {
	using hot = new HotDocument(new Map());
	const looks = new Looks({ hot, isOver: () => false, wake: () => undefined });
	looks.add(() => {
		throw new Error('The journal has a gap.');
	});
	const reading = looks.read((_, turn) => turn);
	expect(() => looks.take()).toThrow('gap');
	looks.giveUp();
	await expect(reading).rejects.toThrow('The incident is opened anew.');
});

test('who looks sees the document of the turn before, and a room that is over shows nothing', async () => {
	using hot = new HotDocument(new Map());
	let isOver = false;
	const looks = new Looks({ hot, isOver: () => isOver, wake: () => undefined });
	const reading = looks.read((_, turn) => turn);
	hot.turn = 7;
	looks.take();
	expect(await reading).toBe(7);
	isOver = true;
	await expect(looks.read((_, turn) => turn)).rejects.toThrow('opened anew');
});
