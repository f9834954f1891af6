import { expect, test } from '../support/e2e.ts';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { House } from '../support/house.ts';
import { startPostgres } from '../support/postgres.ts';
import { RoomPage } from '../support/roomPage.ts';
import { cloneOf } from '../support/template.ts';

test('what said “Saved” is there after the server was killed in the middle of typing', async ({
	browser,
}) => {
	await using house = await House.open({ databaseUrl: await cloneOf(templateOfRun()) });
	const number = await house.declare();
	const ada = await house.enter(browser, 'ada');
	const room = await RoomPage.open(ada, number);
	const impact = room.impact;
	await impact.pressSequentially('checkout fails in us-east');
	await room.log('pool is at 60/60');
	await expect(room.line('pool is at 60/60')).toContainText('on the server');
	await room.isLive();
	const saved = await impact.inputValue();
	const typing = impact.pressSequentially(', and it goes on and on and on', { delay: 10 });
	await expect(impact).toHaveValue(/goes on/);
	await house.muster.kill();
	await typing;
	await expect(room.saved).toHaveText(/Not saved|Offline/);
	const all = await impact.inputValue();

	// Nobody brings anything back: only what the server kept is there.
	await ada.context().setOffline(true);
	await house.muster.restart();
	const grace = await house.enter(browser, 'grace');
	const other = await RoomPage.open(grace, number);
	await expect(other.line('pool is at 60/60')).toHaveCount(1);
	expect((await other.impact.inputValue()).startsWith(saved)).toBe(true);

	// And then the rest comes, once.
	await ada.context().setOffline(false);
	await room.isLive();
	await expect(other.impact).toHaveValue(all);
	await expect(other.line('pool is at 60/60')).toHaveCount(1);
	await ada.context().close();
	await grace.context().close();
});

test('while the store is away the room says so within six seconds, goes on, and saves all of it once', async ({
	browser,
}) => {
	await using postgres = await startPostgres();
	await using house = await House.open({ databaseUrl: postgres.url });
	const ada = await house.enter(browser, 'ada');
	const grace = await house.enter(browser, 'grace');
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const [left, right] = await RoomPage.openBoth([ada, grace], number);

	postgres.wire.cut();
	await left.log('written while the store is away');
	await expect(left.saved).toHaveText('▲ Not saved', { timeout: 6_500 });
	await expect(ada.getByRole('region', { name: 'Not saved' })).toContainText('Not');
	await expect(right.line('written while the store is away')).toHaveCount(1);
	await expect(right.saved).toHaveText('▲ Not saved', { timeout: 6_500 });
	await left.log('/sev 1');
	await expect(left.words(/waiting for the server/)).toBeVisible();
	await expect(right.line('SEV1')).toHaveCount(0);

	postgres.wire.open();
	for (const room of [left, right]) {
		await expect(room.saved).toHaveText('● Saved', { timeout: 20_000 });
		await expect(room.line('written while the store is away')).toHaveCount(1);
		await expect(room.line('written while the store is away')).toContainText('on the server');
	}
	await ada.context().close();
	await grace.context().close();
});
