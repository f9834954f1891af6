import type { Locator } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';

test('two people in a room see each other by name, and in what the other is', async ({
	house,
	ada,
	grace,
}) => {
	const number = await house.declare();
	const hers = await RoomPage.open(ada, number);
	await RoomPage.open(grace, number);
	await grace.getByRole('textbox', { name: 'Impact' }).focus();

	await ada.getByRole('button', { name: '2 people here. Show who.' }).click();
	const dialog = ada.getByRole('dialog', { name: 'Who is here' });
	await expect(dialog.getByText('ada (you)')).toBeVisible();
	await expect(dialog.getByText('grace — editing Impact')).toBeVisible();
	await ada.keyboard.press('Escape');

	await grace.keyboard.type('a');
	await expect(ada.getByText('grace is typing…')).toBeVisible();
	await grace.context().close();
	await expect(hers.page.getByRole('button', { name: '1 person here. Show who.' })).toBeVisible();
});

for (const paragraph of ['first', 'new'] as const) {
	test(`both begin to type in the ${paragraph} paragraph of the notes at once: both texts are there, once, on both screens`, async ({
		house,
		ada,
		grace,
	}) => {
		const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
		const [adas, graces] = await Promise.all([left.openNotes(), right.openNotes()]);
		const [first, second] = ['the pool is exhausted,', 'rolling back to 22-3.'];
		if (paragraph === 'new') {
			await adas.press('Enter');
			await expect(graces.locator('p')).toHaveCount(2);
			await graces.press('ControlOrMeta+End');
		}
		await Promise.all([
			adas.pressSequentially(first, { delay: 10 }),
			graces.pressSequentially(second, { delay: 10 }),
		]);
		await left.isLive();
		await right.isLive();

		const text = await textOf(adas);
		expect([`${first}${second}`, `${second}${first}`]).toContain(text);
		await expect.poll(() => textOf(graces)).toBe(text);
	});
}

test('carets of others in the notes carry their names', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	await left.openNotes();
	const graces = await right.openNotes();
	await graces.pressSequentially('rolling back');
	await expect(left.notes).toContainText('rolling back');
	await expect(left.notes.locator('.remote-caret')).toHaveText('grace');
	await expect(ada.getByText('grace is typing…')).toBeVisible();
});

test('both log at the same time: both lines are there, once, in the same order on both screens', async ({
	house,
	ada,
	grace,
}) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	for (let round = 1; round <= 5; round++) {
		await Promise.all([left.log(`ada sees ${round}`), right.log(`grace does ${round}`)]);
	}
	await left.isLive();
	await right.isLive();
	await expect(left.line(/ada sees|grace does/)).toHaveCount(10);
	const texts = (room: RoomPage) =>
		room
			.line(/ada sees|grace does/)
			.locator('p')
			.allTextContents();
	await expect.poll(() => texts(right)).toEqual(await texts(left));
	expect((await texts(left)).toSorted()).toEqual(
		[1, 2, 3, 4, 5].flatMap((round) => [`ada sees ${round}`, `grace does ${round}`]).toSorted(),
	);
});

test('both type into Impact: both texts are there, once, and nobody’s caret moves', async ({
	house,
	ada,
	grace,
}) => {
	const rooms = await RoomPage.openBoth([ada, grace], await house.declare());
	const [adas, graces] = [rooms[0].impact, rooms[1].impact];
	await adas.pressSequentially('18 % fail');
	await expect(graces).toHaveValue('18 % fail');
	await adas.press('Home');
	await graces.press('End');
	await graces.pressSequentially(' in us-east');
	await expect(adas).toHaveValue('18 % fail in us-east');
	await adas.pressSequentially('about ');
	await expect(graces).toHaveValue('about 18 % fail in us-east');
	await graces.pressSequentially(', only');
	await expect(adas).toHaveValue('about 18 % fail in us-east, only');
});

test('⌘Z takes back my own words and leaves theirs', async ({ house, ada, grace }) => {
	const rooms = await RoomPage.openBoth([ada, grace], await house.declare());
	const [adas, graces] = [rooms[0].impact, rooms[1].impact];
	await adas.pressSequentially('checkout fails');
	await expect(graces).toHaveValue('checkout fails');
	await graces.press('End');
	await graces.pressSequentially(' in us-east');
	await expect(adas).toHaveValue('checkout fails in us-east');

	await adas.press('ControlOrMeta+z');
	await expect(adas).toHaveValue(' in us-east');
	await expect(graces).toHaveValue(' in us-east');
	await adas.press('ControlOrMeta+Shift+z');
	await expect(graces).toHaveValue('checkout fails in us-east');
});

test('⌘Z in the notes takes back my own words and leaves theirs', async ({ house, ada, grace }) => {
	const [left, right] = await RoomPage.openBoth([ada, grace], await house.declare());
	const adas = await left.openNotes();
	const graces = await right.openNotes();
	await adas.pressSequentially('mine ');
	await expect(graces).toContainText('mine');
	await graces.press('ControlOrMeta+End');
	await graces.pressSequentially('theirs');
	await expect(adas).toContainText('mine theirs');
	await adas.press('ControlOrMeta+z');
	await expect(graces).not.toContainText('mine');
	await expect(adas).toContainText('theirs');
});

/** The text without the carets of others. */
function textOf(notes: Locator): Promise<string> {
	return notes.evaluate((element) => {
		const copy = element.cloneNode(true) as Element;
		for (const caret of copy.querySelectorAll('.remote-caret')) caret.remove();
		return copy.textContent;
	});
}
