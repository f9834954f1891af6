import { expect, test } from 'vitest';
import { isUnderstood, protocolVersion } from '#core/protocol.ts';

test('our server understands our pages and stock clients, which say no version', () => {
	expect(isUnderstood(String(protocolVersion))).toBe(true);
	expect(isUnderstood(null)).toBe(true);
	expect(isUnderstood('1')).toBe(true);
});

test('a version that is not known yet, or none at all, is not understood', () => {
	for (const version of ['0', '2', '99', '', '1.5', '-1', '1e0', ' 1', '1000000000', 'one']) {
		expect(isUnderstood(version), version).toBe(false);
	}
});
