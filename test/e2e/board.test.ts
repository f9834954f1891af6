import { expect, test } from '../support/e2e.ts';
import { openBoard, RoomPage } from '../support/roomPage.ts';

test('C, a title and Enter are enough to be in the room', async ({ ada }) => {
	await openBoard(ada);
	await ada.keyboard.press('c');
	await ada.keyboard.type('checkout is down');
	await ada.keyboard.press('Enter');
	await expect(ada.getByRole('heading', { name: /INC-\d+ checkout is down/ })).toBeVisible();
	await expect(new RoomPage(ada).composer).toBeFocused();
});

test('what is declared appears on a board that somebody looks at, without a reload', async ({
	house,
	grace,
}) => {
	await openBoard(grace);
	const number = await house.declare('search is slow', { severity: 'SEV2' });
	const row = grace.getByRole('listitem').filter({ hasText: `INC-${number}` });
	await expect(row).toContainText('search is slow');
	await expect(row).toContainText('SEV2');
	await expect(row).toContainText('Comms');
});

test('a row of the board tells the phase, who commands and what is missing, and follows the room', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare('payments are late', { severity: 'SEV3' });
	await openBoard(grace);
	const row = grace.getByRole('listitem').filter({ hasText: `INC-${number}` });
	await expect(row).toContainText('Investigating');

	const room = await RoomPage.open(ada, number);
	await room.log('/phase identified');
	await expect(row).toContainText('Identified');
	await room.log('/comms me');
	await expect(row).not.toContainText('Comms');
});

test('open incidents stand by severity, and J, K and Enter lead into one', async ({
	house,
	ada,
}) => {
	await house.declare('a small thing', { severity: 'SEV4' });
	const worst = await house.declare('a large thing', { severity: 'SEV1' });
	await openBoard(ada);
	await expect(
		ada.getByRole('list', { name: 'Open incidents' }).getByRole('listitem').first(),
	).toContainText('a large thing');
	await ada.keyboard.press('j');
	await ada.keyboard.press('j');
	await ada.keyboard.press('k');
	await ada.keyboard.press('Enter');
	await expect(ada).toHaveURL(new RegExp(`/i/${worst}$`));
});

test('while somebody types a title, what is similar and open is offered instead', async ({
	house,
	ada,
}) => {
	const number = await house.declare('login fails for everybody');
	await openBoard(ada);
	await ada.keyboard.press('c');
	await ada.keyboard.type('login fails');
	await expect(
		ada.getByRole('dialog').getByRole('link', { name: `INC-${number} login fails for everybody` }),
	).toBeVisible();
});

test('what is over leaves the open incidents and stays among the recent ones', async ({
	house,
	ada,
}) => {
	const number = await house.declare('mail is late');
	await openBoard(ada);
	const row = ada.getByRole('listitem').filter({ hasText: `INC-${number}` });
	await expect(row).toBeVisible();
	await house.ask('ada', `POST /incidents/${number}/commands`, {
		type: 'setStatus',
		status: 'resolved',
	});
	await expect(row).toHaveCount(0);
	await ada.getByRole('link', { name: 'Recent' }).click();
	await expect(row).toContainText('Resolved');
});

test('a viewer sees the board and cannot declare', async ({ linus }) => {
	await openBoard(linus);
	await expect(linus.getByRole('link', { name: 'Declare' })).toHaveCount(0);
	await linus.keyboard.press('c');
	await expect(linus.getByRole('dialog')).toHaveCount(0);
	await linus.goto('/incidents/new');
	await expect(linus.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
});

test('a board that cannot load what it listens with says that it is not live', async ({
	grace,
}) => {
	await grace.route('**/_app/immutable/**', async (route) => {
		const answer = await route.fetch();
		if ((await answer.text()).includes('EIO')) return route.abort();
		await route.fulfill({ response: answer });
	});
	await grace.goto('/');
	await expect(grace.getByText('Not live.')).toBeVisible();
});
