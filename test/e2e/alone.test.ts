import { expect, test } from '@playwright/test';
import { House } from '../support/house.ts';
import { prepareRedis } from '../support/redis.ts';
import { RoomPage } from '../support/roomPage.ts';

test('while the servers cannot reach each other the room says so in words, and saves as always', async ({
	browser,
}) => {
	await using redis = await prepareRedis();
	await using house = await House.open({ env: { REDIS_URL: redis.url } });
	const number = await house.declare();
	const room = await RoomPage.open(await house.enter(browser, 'grace'), number);
	const bar = room.page.getByRole('region', { name: 'About Muster’s other servers' });
	await expect(bar).toContainText('people there may not be shown');
	await room.impact.fill('checkouts fail');
	await room.isLive();
	await redis.start();
	await expect(bar).toBeHidden();
});
