import { expect, it } from 'vitest';
import { Few } from '#server/history/few.ts';

it('few work at a time, some wait in their order, and more are refused', async () => {
	const few = new Few({ atOnce: 1, mostWaiting: 2 });
	const done: string[] = [];
	const { promise: open, resolve: goOn } = Promise.withResolvers<void>();
	const work = (name: string) => few.run(() => open.then(() => void done.push(name)));
	const first = [work('a'), work('b'), work('c')];
	await expect(work('d')).rejects.toMatchObject({ code: 'tooMany' });
	goOn();
	await Promise.all(first);
	await work('e');
	expect(done).toEqual(['a', 'b', 'c', 'e']);
});

it('whoever fails lets the next one in', async () => {
	const few = new Few({ atOnce: 1, mostWaiting: 1 });
	const failing = few.run(() => Promise.reject(new Error('no')));
	const next = few.run(() => Promise.resolve('yes'));
	await expect(failing).rejects.toThrow('no');
	expect(await next).toBe('yes');
});
