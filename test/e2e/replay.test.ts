import type { Page } from '@playwright/test';
import { expect, test } from '../support/e2e.ts';
import type { House } from '../support/house.ts';
import { timelineText } from '../support/timelines.ts';

const minute = 60_000;

type Path = 'entries' | 'commands';

function saying(house: House, number: number) {
	return (path: Path, body: object) => house.ask('ada', `POST /incidents/${number}/${path}`, body);
}

/** Three lines, the last of which happened first; then a severity, an impact typed by hand, and its end. */
async function tell(house: House, page: Page): Promise<number> {
	const number = await house.declare('checkout is down', { severity: 'SEV3' });
	const say = saying(house, number);
	const now = Date.now();
	const ago = (minutes: number) => new Date(now - minutes * minute).toISOString();
	await say('entries', { text: 'pool at 60/60', occurredAt: ago(0) });
	await say('entries', { text: 'roll back', kind: 'decision', starred: true });
	await say('entries', { text: 'alarm rang', kind: 'alert', occurredAt: ago(20) });
	await say('commands', { type: 'setSeverity', severity: 'SEV1' });
	await page.goto(`/i/${number}`);
	await page.getByRole('textbox', { name: 'Impact' }).fill('18 % of checkouts fail');
	await expect(page.locator('[data-saved]')).toHaveText('● Saved');
	return number;
}

class ReplayPage {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	/** Opens a replay and waits for its history. */
	static async open(page: Page, path: string): Promise<ReplayPage> {
		await page.goto(path);
		const replay = new ReplayPage(page);
		await expect(replay.slider).toBeVisible();
		return replay;
	}

	get slider() {
		return this.page.getByRole('slider', { name: 'Moment' });
	}

	get lines() {
		return this.page.getByRole('list', { name: 'Timeline entries' }).locator('li.item');
	}

	line(text: string) {
		return this.lines.filter({ hasText: text });
	}

	get time() {
		return this.page.getByRole('textbox', { name: 'Time, UTC' });
	}
}

test('a reviewer steps through an incident with the keyboard alone', async ({ house, grace }) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.keyboard.press('Home');
	await expect(replay.line('pool at 60/60')).toHaveCount(0);
	await expect(grace.getByRole('main').getByText('SEV3').first()).toBeVisible();
	await grace.keyboard.press('.');
	await expect(replay.line('pool at 60/60')).toBeVisible();
	await expect(replay.line('roll back')).toHaveCount(0);
	await grace.keyboard.press('.');
	await grace.keyboard.press('.');
	await expect(replay.line('alarm rang')).toBeVisible();
	await grace.keyboard.press(',');
	await expect(replay.line('alarm rang')).toHaveCount(0);
	await grace.keyboard.press('End');
	await expect(grace.getByText('18 % of checkouts fail')).toBeVisible();
	await expect(replay.slider).toHaveAttribute('aria-valuetext', /SEV1, investigating\.$/);
});

test('what was logged late is missing as known, in its place as it happened, and told to be unknown', async ({
	house,
	grace,
}) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.keyboard.press('Home');
	await expect(replay.line('alarm rang')).toHaveCount(0);
	await grace.keyboard.press('a');
	await expect(replay.line('alarm rang')).toContainText('nobody had logged this yet');
	await expect(replay.line('Incident declared')).toBeVisible();
	await grace.keyboard.press('Home');
	await expect(replay.lines).toHaveCount(1);
	await expect(replay.line('alarm rang')).toBeVisible();
});

test('a link names the moment, the clock and what is compared, and a typed time goes there', async ({
	house,
	grace,
	linus,
}) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.keyboard.press('Home');
	await grace.keyboard.press('i');
	await grace.keyboard.press('.');
	await grace.keyboard.press('o');
	await grace.keyboard.press('a');
	await expect.poll(() => new URL(grace.url()).searchParams.get('clock')).toBe('happened');
	const { search } = new URL(grace.url());
	expect([...new URLSearchParams(search).keys()]).toEqual(['t', 'clock', 'from', 'to']);

	const other = await ReplayPage.open(linus, `/i/${number}/replay${search}`);
	await expect(other.time).toHaveValue(await replay.time.inputValue());
	await expect(other.line('alarm rang')).toContainText('nobody had logged this yet');
	await linus.keyboard.press('d');
	const dialog = linus.getByRole('dialog', { name: 'What changed' });
	await expect(dialog.getByText('pool at 60/60')).toBeVisible();
	await linus.keyboard.press('Escape');
	await linus.keyboard.press('t');
	await linus.keyboard.type('half past two');
	await linus.keyboard.press('Enter');
	await expect(linus.getByText('Type a time like 02:41:07.')).toBeVisible();
	await linus.keyboard.press('ControlOrMeta+a');
	await linus.keyboard.type('2001-01-01 00:00');
	await linus.keyboard.press('Enter');
	await expect(other.lines).toHaveCount(1);
});

test('every line of the room leads to its moment, and from there back', async ({
	house,
	grace,
}) => {
	const number = await tell(house, grace);
	await grace.goto(`/i/${number}`);
	const line = grace.locator('li.item', { hasText: 'roll back' });
	await line.getByRole('link').first().click();
	await expect(grace).toHaveURL(/\/replay\?t=/);
	const replay = new ReplayPage(grace);
	await expect(replay.slider).toBeVisible();
	await expect(replay.line('roll back')).toBeVisible();
	await expect(replay.line('alarm rang')).toHaveCount(0);
	await replay.line('roll back').getByRole('link').first().click();
	await expect(grace).toHaveURL(new RegExp(`/i/${number}#e-`));
	await expect(grace.getByRole('textbox', { name: 'Log an entry' })).toBeVisible();
});

test('who wrote a sentence is told, with the moment in which it was written', async ({
	house,
	grace,
}) => {
	const number = await tell(house, grace);
	await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.getByRole('button', { name: /^Who wrote this.*Impact$/ }).click();
	const dialog = grace.getByRole('dialog', { name: 'Who wrote the impact' });
	await expect(dialog).toContainText('18 % of checkouts fail');
	await expect(dialog).toContainText('grace');
});

test('it plays to the end, and with reduced motion in steps', async ({ house, grace }) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.keyboard.press('Home');
	await grace.keyboard.press('4');
	await expect(grace.getByText('18 % of checkouts fail')).toBeVisible();
	await expect(grace.getByRole('button', { name: '▶ Play' })).toBeVisible();

	await grace.emulateMedia({ reducedMotion: 'reduce' });
	await grace.keyboard.press('Home');
	await grace.keyboard.press(' ');
	await expect(replay.line('pool at 60/60')).toBeVisible();
	await expect(replay.line('roll back')).toHaveCount(0);
	await expect(replay.line('roll back')).toBeVisible();
});

test('a replay of an open incident follows what comes, until somebody looks at the past', async ({
	house,
	grace,
}) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await expect(grace.getByRole('button', { name: 'Live' })).toHaveAttribute('aria-pressed', 'true');
	const say = saying(house, number);
	await say('entries', { text: 'error rate falls' });
	await expect(replay.line('error rate falls')).toBeVisible();
	await grace.keyboard.press('Home');
	await say('entries', { text: 'all is well' });
	await grace.keyboard.press('.');
	await expect(replay.line('all is well')).toHaveCount(0);
	await grace.getByRole('button', { name: 'Live' }).click();
	await expect(replay.line('all is well')).toBeVisible();
});

test('once loaded, a replay needs no server', async ({ house, grace }) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.context().setOffline(true);
	await grace.keyboard.press('Home');
	await expect(replay.line('roll back')).toHaveCount(0);
	await grace.keyboard.press('End');
	await expect(replay.line('roll back')).toBeVisible();
	await grace.context().setOffline(false);
});

test('the slider is moved with the pointer', async ({ house, grace }) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	const box = await grace.locator('.scrubber .lanes').first().boundingBox();
	if (!box) throw new Error('There is no slider.');
	await grace.mouse.move(box.x + box.width - 2, box.y + 10);
	await grace.mouse.down();
	await grace.mouse.move(box.x + 1, box.y + 10, { steps: 5 });
	await grace.mouse.up();
	await expect(replay.line('pool at 60/60')).toHaveCount(0);
});

test('an incident that was written down afterwards says so and has one clock', async ({
	house,
	grace,
}) => {
	const file = JSON.parse(timelineText('gitlab-2017-01-31.json')) as object;
	const { number } = (await house.ask('ada', 'POST /imports/timeline', file)) as { number: number };
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await expect(
		grace.getByText('Written down afterwards: it is shown as it happened.'),
	).toBeVisible();
	await expect(grace.getByRole('radio', { name: 'As known' })).toHaveCount(0);
	await grace.keyboard.press('Home');
	await expect(replay.lines).toHaveCount(1);
	await grace.keyboard.press('.');
	await expect(replay.lines).toHaveCount(2);
});

test('without scripts the moment that a link names is there to be read', async ({
	house,
	grace,
	browser,
}) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await grace.keyboard.press('Home');
	await grace.keyboard.press('.');
	await expect(replay.line('pool at 60/60')).toBeVisible();
	await expect.poll(() => grace.url()).toContain('t=');
	const page = await house.enter(browser, 'linus', { javaScriptEnabled: false });
	await page.goto(grace.url());
	await expect(page.getByText('pool at 60/60')).toBeVisible();
	await expect(page.getByText('roll back')).toHaveCount(0);
	await page.context().close();
});

test('what is removed for good is gone from a replay that was open meanwhile', async ({
	house,
	grace,
}) => {
	const number = await tell(house, grace);
	const replay = await ReplayPage.open(grace, `/i/${number}/replay`);
	await house.ask('ada', `POST /incidents/${number}/removals`, {
		text: 'pool at 60/60',
		reason: 'not for everybody',
	});
	await expect(replay.line('for good: not for everybody')).toBeVisible();
	await expect(replay.line('pool at 60/60')).toHaveCount(0);
	await grace.keyboard.press('Home');
	await grace.keyboard.press('.');
	await expect(replay.lines.last()).not.toContainText('pool');
	for (let i = 0; i < 4; i++) {
		await grace.keyboard.press('.');
		await expect(replay.line('pool at 60/60')).toHaveCount(0);
	}
});
