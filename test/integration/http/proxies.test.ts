import { expect, test } from 'vitest';
import { testDatabaseUrl } from '../../support/database.ts';
import { startMuster } from '../../support/server.ts';

test('behind a proxy whoever guesses is held to it, and nobody else', async () => {
	await using muster = await startMuster({
		databaseUrl: await testDatabaseUrl(),
		env: { MUSTER_PROXIES: '1' },
	});
	const guess = async (account: string, from: string): Promise<number> => {
		const answer = await fetch(`${muster.url}/api/v1/session`, {
			method: 'POST',
			headers: {
				'Content-Type': 'application/json',
				Authorization: `Bearer ${muster.adminToken}`,
				'X-Forwarded-For': `127.0.0.1, ${from}`,
			},
			body: JSON.stringify({ email: `${account}@example.com`, password: 'not the right one' }),
		});
		return answer.status;
	};
	const statuses: number[] = [];
	for (let i = 0; i < 31; i++) statuses.push(await guess(`somebody-${i}`, '203.0.113.5'));
	expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
	expect(statuses[30]).toBe(429);
	expect(await guess('ada', '203.0.113.6')).toBe(401);
});
