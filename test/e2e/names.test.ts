import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

test('a name that could not be told is asked for again', async ({ house, grace }) => {
	const number = await house.declare();
	const room = await RoomPage.open(grace, number);
	const script = { name: 'deploys', access: 'responder' };
	const { token } = (await house.ask('ada', 'POST /tokens', script)) as { token: string };
	const log = (text: string) =>
		fetch(`${house.url}/api/v1/incidents/${number}/entries`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: JSON.stringify({ text }),
		});
	const people = '**/api/v1/people';
	await grace.route(people, (route) => route.fulfill({ status: 503 }), { times: 1 });
	const refused = grace.waitForResponse(people);
	await log('deployed 7.1');
	await refused;
	await log('rolled back to 7.0');
	await expect(room.line('rolled back')).toContainText('deploys');
});
