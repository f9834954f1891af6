import { faultsOn, screens } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';
import type { House, Name } from '../support/house.ts';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

async function idOf(house: House, name: Name): Promise<string> {
	const { people } = (await house.ask('ada', 'GET /people')) as {
		people: { id: string; name: string }[];
	};
	return people.find((one) => one.name === name)?.id ?? '';
}

test('the board says what needs me below the incidents, and nothing once I have done it', async ({
	house,
	browser,
	ada,
}) => {
	test.setTimeout(180_000);
	const number = await house.declare('checkout is down', { severity: 'SEV2' });
	const [owner, reviewer] = [await idOf(house, 'grace'), await idOf(house, 'ada')];
	const command = (name: Name, body: object) =>
		house.ask(name, `POST /incidents/${number}/retro/commands`, body);
	await house.ask('ada', `POST /incidents/${number}/commands`, {
		...{ type: 'setStatus', status: 'resolved' },
	});
	await house.ask('ada', `POST /incidents/${number}/retro`, { owner, due: inDays(1) });
	await house.ask('ada', `POST /incidents/${number}/actions`, {
		...{ title: 'Alert on saturation', owner, dueOn: inDays(-2).slice(0, 10) },
	});
	const grace = await house.enter(browser, 'grace', { javaScriptEnabled: false });
	const needs = grace.getByRole('region', { name: 'Needs you' });
	await expect(async () => {
		await grace.goto('/');
		await expect(needs).toContainText(`INC-${number} retrospective due tomorrow`, { timeout: 100 });
	}).toPass();
	await expect(needs).toContainText('checkout is down (you own it)');
	await expect(needs).toContainText('1 action of yours is overdue');
	const phone = await house.enter(browser, 'grace', screens['phone']);
	await phone.goto('/');
	await expect(phone.getByRole('heading', { name: 'Needs you' })).toBeVisible();
	expect(await faultsOn(phone)).toEqual([]);
	await phone.context().close();
	await ada.goto('/');
	await expect(ada.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(ada.getByRole('heading', { name: 'Needs you' })).toHaveCount(0);
	await command('grace', { type: 'setReviewers', people: [reviewer] });
	await command('grace', { type: 'submit' });
	const asked = ada.getByRole('link', { name: `INC-${number} asks for your review` });
	await expect(async () => {
		await ada.goto('/');
		await expect(asked).toBeVisible({ timeout: 100 });
	}).toPass();
	await command('ada', { type: 'approve' });
	await expect(async () => {
		await ada.goto('/');
		await expect(ada.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 5_000 });
		await expect(asked).toHaveCount(0, { timeout: 100 });
	}).toPass();
	await grace.context().close();
});

test('a retrospective whose owner may not write any more says that it needs a new one', async ({
	house,
	ada,
}) => {
	test.setTimeout(180_000);
	const number = await house.declare('mail is late', { severity: 'SEV2' });
	await house.ask('ada', `POST /incidents/${number}/commands`, {
		...{ type: 'setStatus', status: 'resolved' },
	});
	const owner = await idOf(house, 'grace');
	await house.ask('ada', `POST /incidents/${number}/retro`, { owner });
	await house.ask('ada', `DELETE /people/${owner}`);
	await ada.goto(`/i/${number}/retro`);
	await expect(ada.getByText('Somebody forgotten, needs a new owner')).toBeVisible();
	await expect(async () => {
		await ada.goto('/retros');
		const row = ada.getByRole('listitem').filter({ hasText: 'mail is late' });
		await expect(row).toContainText('needs a new owner', {
			timeout: 100,
		});
	}).toPass();
});
