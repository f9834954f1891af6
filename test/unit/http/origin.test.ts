import { expect, test } from 'vitest';
import { originRule } from '#server/http/origin.ts';

test('only the public address may speak to us', () => {
	const isOwn = originRule('https://muster.example.com');
	expect(isOwn('https://muster.example.com')).toBe(true);
	for (const foreign of [
		'http://muster.example.com',
		'https://muster.example.com:8443',
		'https://muster.example.com.evil.example',
		'https://evil.example',
		'https://MUSTER.example.com',
		'http://localhost:3000',
		'null',
		'',
	]) {
		expect(isOwn(foreign), foreign).toBe(false);
	}
});

test('without a public address every spelling of this machine is the same, on our port alone', () => {
	const isOwn = originRule('http://localhost:3000');
	for (const own of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
		expect(isOwn(own), own).toBe(true);
	}
	expect(isOwn('http://localhost:3001')).toBe(false);
	expect(isOwn('https://localhost:3000')).toBe(false);
});
