import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { testDatabaseUrl } from '../../support/database.ts';
import { startMuster } from '../../support/server.ts';
import { until } from '../../support/until.ts';

test('a request that is under way when Muster is told to stop is answered', async () => {
	await using muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	const body = JSON.stringify({ title: 5 });
	const socket = connect({ port: Number(new URL(muster.url).port), host: '127.0.0.1' });
	await once(socket, 'connect');
	socket.write(
		'POST /api/v1/incidents HTTP/1.1\r\nHost: muster\r\nConnection: close\r\n' +
			`Authorization: Bearer ${muster.adminToken}\r\nContent-Type: application/json\r\n` +
			`Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
	);
	await once(socket, 'readable'); // 100 Continue: the request is under way
	process.kill(muster.pid, 'SIGTERM');
	await until('it is stopping', () => muster.output.includes('"msg":"stopping"'));
	socket.write(body);
	expect(await text(socket)).toMatch(/HTTP\/1\.1 422 /);
	expect(await muster.ended()).toBe(0);
});
