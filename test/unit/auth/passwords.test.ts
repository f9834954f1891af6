import { expect, test } from 'vitest';
import { Passwords } from '#server/auth/passwords.ts';

const password = 'correct horse battery';

test('a password is right for its own hash only, and two hashes of it differ', async () => {
	const passwords = new Passwords();
	const [one, two] = await Promise.all([passwords.hash(password), passwords.hash(password)]);
	expect(one).not.toBe(two);
	expect(await passwords.isRight(password, one)).toBe(true);
	expect(await passwords.isRight(`${password} `, one)).toBe(false);
	await expect(passwords.isRight(password, 'plain')).rejects.toThrow('malformed');
});

test('a password typed composed and decomposed is the same', async () => {
	const passwords = new Passwords();
	const hash = await passwords.hash('sch\u00f6ne gr\u00fc\u00dfe');
	expect(await passwords.isRight('scho\u0308ne gru\u0308\u00dfe', hash)).toBe(true);
});

test('a flood of passwords is turned away in words, and the rest are hashed', async () => {
	const passwords = new Passwords({ atOnce: 1, waiting: 2 });
	const tries = Array.from({ length: 5 }, () => passwords.hash(password));
	const settled = await Promise.allSettled(tries);
	expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
	expect(await passwords.hash(password)).toMatch(/^\$argon2id\$/);
});
