import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { addressRule, type AddressOf } from '#server/http/address.ts';

function from(remoteAddress: string, headers: IncomingHttpHeaders): Parameters<AddressOf>[0] {
	return { headers, socket: { remoteAddress } as Parameters<AddressOf>[0]['socket'] };
}

test.each<[string, { proxies: number; written: string; address: string }]>([
	[
		'without a proxy it is the socket’s, whatever is written',
		{ proxies: 0, written: '198.51.100.7', address: '10.0.0.9' },
	],
	[
		'behind one it is the last that is written',
		{ proxies: 1, written: '192.0.2.1, 203.0.113.5', address: '203.0.113.5' },
	],
	[
		'behind two it is the last but one',
		{ proxies: 2, written: '1.2.3.4, 203.0.113.5, 10.0.0.2', address: '203.0.113.5' },
	],
	[
		'who writes more by themselves gains nothing',
		{ proxies: 1, written: '127.0.0.1,127.0.0.1, 2001:db8::1', address: '2001:db8::1' },
	],
	[
		'a port beside it is left out',
		{ proxies: 1, written: '203.0.113.5:41000', address: '203.0.113.5' },
	],
	['what is no address is not believed', { proxies: 1, written: 'unknown', address: '10.0.0.9' }],
	[
		'fewer than there are proxies are not believed',
		{ proxies: 2, written: '203.0.113.5', address: '10.0.0.9' },
	],
])('%s', (_, { proxies, written, address }) => {
	const request = from('10.0.0.9', { 'x-forwarded-for': written });
	expect(addressRule(proxies)(request)).toBe(address);
});

test('whoever comes past the proxies is who they are', () => {
	expect(addressRule(1)(from('10.0.0.9', {}))).toBe('10.0.0.9');
});
