import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundleOf } from '../bench/bundles.ts';
import { installPackage, isRootOnDebian } from '../support/apt.ts';
import { faultsOn } from '../support/axe.ts';
import { expect, test } from '../support/e2e.ts';
import { beginRetro, publishRetro, resolvedIncident, RetroPage } from '../support/retroPage.ts';

const kib = 1024;

test('a retrospective is begun from the room of a resolved incident, and is never blank', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await ada.goto(`/i/${number}`);
	await ada.getByRole('link', { name: 'Retrospective' }).click();
	await ada.getByRole('button', { name: 'Begin the retrospective' }).click();
	const retro = new RetroPage(ada);
	await retro.isLive();
	await expect(retro.state).toContainText('Draft');
	await expect(retro.editor.getByRole('heading', { name: 'Summary' })).toBeVisible();
	await expect(retro.editor.getByRole('row', { name: /key line 2/ })).toBeVisible();
	await expect(ada.getByRole('button', { name: /^ada.*change the owner/ })).toBeVisible();
	await expect(retro.evidence.getByText('key line 3')).toBeVisible();
});

test('two people write a retrospective at once: both texts are there, and carets carry names', async ({
	house,
	ada,
	grace,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const [left, right] = await RetroPage.openBoth([ada, grace], number);
	await left.goBelow('How did we know?');
	await ada.keyboard.type('From the alert. ');
	await expect(right.editor).toContainText('From the alert.');
	await expect(right.editor.locator('.remote-caret')).toHaveText('ada');
	await right.goBelow('What helped');
	await grace.keyboard.type('The rollback was one command. ');
	await expect(left.editor).toContainText('The rollback was one command.');
	await expect(left.editor).toContainText('From the alert.');

	await left.addFactor('The pool was a constant');
	const theirs = right.factors.getByRole('textbox', { name: 'Factor 1' });
	await expect(theirs).toHaveValue('The pool was a constant');
	await expect(grace.getByText('ada is typing…')).toBeVisible();
	await theirs.press('End');
	await theirs.pressSequentially(' per pod');
	await expect(left.factors.getByRole('textbox', { name: 'Factor 1' })).toHaveValue(
		'The pool was a constant per pod',
	);
});

test('what both write while one of them is offline is there afterwards, once', async ({
	house,
	ada,
	grace,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const [left, right] = await RetroPage.openBoth([ada, grace], number);
	await ada.context().setOffline(true);
	await left.goBelow('How did we know?');
	await ada.keyboard.type('written without a network');
	await left.addFactor('offline factor');
	await expect(left.saved).toHaveText('▲ Offline');
	await right.addFactor('factor meanwhile');
	await ada.context().setOffline(false);
	for (const retro of [left, right]) {
		await retro.isLive();
		await expect(retro.editor).toContainText('written without a network');
		await expect(retro.factors).toHaveCount(2);
	}
});

test('evidence goes into the factor that is written, or into the text, and leads to the room and the replay', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const retro = await RetroPage.open(ada, number);
	await retro.addFactor('The pool was a constant');
	await retro.evidence.getByRole('button', { name: 'Put “key line 1” into factor 1' }).click();
	const chip = retro.factors.getByRole('link', { name: /key line 1$/ });
	await expect(chip).toHaveAttribute('href', new RegExp(`^/i/${number}#e-`));

	await retro.goBelow('What helped');
	await retro.evidence.getByRole('button', { name: 'Put “key line 2” into the report' }).click();
	await expect(retro.editor.getByRole('link', { name: /key line 2$/ })).toHaveAttribute(
		'href',
		new RegExp(`/i/${number}/replay\\?t=`),
	);

	await ada.getByRole('combobox', { name: 'Add a cause to Factor 1' }).fill('capacity');
	await ada.keyboard.press('Enter');
	await expect(
		retro.factors.getByRole('button', { name: 'Take away the cause capacity' }),
	).toBeVisible();
});

test('a moment of the replay is put into the retrospective with Q, once', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	await ada.goto(`/i/${number}/replay`);
	await expect(ada.locator('[data-shown]')).toBeVisible();
	await ada.keyboard.press('q');
	const retro = new RetroPage(ada);
	// The times of the timeline lead there too: only the paragraph below it is what was put in.
	const quote = retro.editor.locator(`:scope > p a[href*="/i/${number}/replay?t="]`);
	await expect(quote).toHaveCount(1);
	await retro.isLive();
	await ada.reload();
	await expect(quote).toHaveCount(1);
});

test('words that judge a person are asked back about, and nothing else happens', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const retro = await RetroPage.open(ada, number);
	await retro.addFactor('Ops failed to notice the graph');
	const hint = ada.getByRole('group', { name: 'Hint about “failed to”' });
	await expect(hint).toContainText('What would have made it visible?');
	await hint.getByRole('button', { name: 'Keep' }).click();
	await expect(hint).toHaveCount(0);

	await retro.goBelow('What helped');
	await ada.keyboard.type('It was obviously the pool');
	const other = ada.getByRole('group', { name: 'Hint about “obviously”' });
	await other.getByRole('button', { name: 'Don’t show' }).click();
	await expect(other).toHaveCount(0);
	await ada.reload();
	await expect(retro.editor).toContainText('obviously the pool');
	await expect(other).toHaveCount(0);
	await ada.getByRole('checkbox', { name: 'Show hints' }).check();
	await expect(other).toBeVisible();
});

test('a comment stays with its words whatever is written around them, is answered and resolved', async ({
	house,
	ada,
	grace,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const [left, right] = await RetroPage.openBoth([ada, grace], number);
	await left.goBelow('Surprises and luck');
	await ada.keyboard.type('Then: the graph was flat');
	for (let word = 0; word < 4; word++) await ada.keyboard.press('Control+Shift+ArrowLeft');
	await ada.getByRole('button', { name: 'Comment on the selection' }).click();
	await ada.getByRole('textbox', { name: 'Comment on the selection' }).fill('Which graph?');
	await ada.getByRole('button', { name: 'Send' }).click();

	const about = grace.getByRole('button', { name: '“the graph was flat”' });
	await expect(about).toBeVisible();
	await right.goBelow('Surprises and luck');
	await grace.keyboard.press('Home');
	await grace.keyboard.type('At first ');
	await expect(left.editor.locator('.commented')).toHaveText('the graph was flat');

	await grace.getByRole('button', { name: 'Answer' }).click();
	await grace.getByRole('textbox', { name: 'Answer' }).fill('The one of the pool.');
	await grace.getByRole('button', { name: 'Send' }).click();
	await expect(ada.getByText('The one of the pool.')).toBeVisible();
	await ada.getByRole('button', { name: 'Resolve', exact: true }).click();
	await expect(grace.getByRole('heading', { name: 'Comments 0' })).toBeVisible();
	await expect(right.editor.locator('.commented')).toHaveCount(0);
});

test('what is typed right before or behind what is commented on is no part of it', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const retro = await RetroPage.open(ada, number);
	await retro.goBelow('Surprises and luck');
	await ada.keyboard.type('the graph was flat');
	await ada.keyboard.press('Shift+Home');
	await ada.getByRole('button', { name: 'Comment on the selection' }).click();
	await ada.getByRole('textbox', { name: 'Comment on the selection' }).fill('Which graph?');
	await ada.getByRole('button', { name: 'Send' }).click();
	const marked = retro.editor.locator('.commented');
	await expect(marked).toHaveText('the graph was flat');

	await retro.goBelow('Surprises and luck');
	await ada.keyboard.press('Home');
	await ada.keyboard.type('Only now ');
	await ada.keyboard.press('End');
	await ada.keyboard.type(', it seemed');
	await expect(retro.editor).toContainText('Only now the graph was flat, it seemed');
	await expect(marked).toHaveText('the graph was flat');
	await retro.isLive();
	await ada.reload();
	await expect(marked).toHaveText('the graph was flat');
});

test('publishing asks for reviews, freezes the text, and a revision is a further version', async ({
	house,
	ada,
	grace,
}) => {
	test.slow();
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const [left, right] = await RetroPage.openBoth([ada, grace], number);
	await ada.getByRole('button', { name: 'Ask for review' }).click();
	await expect(ada.getByText('Name at least one reviewer first.')).toBeVisible();
	await ada.getByRole('button', { name: /change the reviewers/ }).click();
	await ada.getByRole('checkbox', { name: 'grace' }).check();
	await ada.getByRole('button', { name: 'Save' }).click();
	await ada.getByRole('button', { name: 'Ask for review' }).click();
	await expect(left.state).toContainText('In review');
	await grace.getByRole('button', { name: 'Approve' }).click();
	await ada.getByRole('button', { name: 'Publish…' }).click();
	await ada.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
	for (const retro of [left, right]) {
		await expect(retro.state).toContainText('Published');
		await expect(retro.editor).toHaveCount(0);
		await expect(retro.text).toContainText('key line 1');
		await expect(retro.saved).toHaveText('Read-only');
	}

	await ada.getByRole('button', { name: 'Revise' }).click();
	await expect(left.editor).toBeVisible();
	await left.goBelow('What helped');
	await ada.keyboard.type('second thoughts');
	await left.isLive();
	await ada.getByRole('link', { name: 'Version 1' }).click();
	await expect(left.text).not.toContainText('second thoughts');
});

test('a correction of the timeline changes no published text, and is shown as changed since', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	await publishRetro(house, number);
	await house.ask('ada', `POST /incidents/${number}/entries`, {
		text: 'a late key line',
		kind: 'finding',
		starred: true,
	});
	await ada.goto(`/i/${number}/retro`);
	const retro = new RetroPage(ada);
	await expect(retro.text).toContainText('key line 1');
	await expect(retro.text).not.toContainText('a late key line');
	await expect(ada.getByRole('region', { name: 'Changed since' })).toContainText('a late key line');
});

test('an action that is done after publishing shows as done', async ({ house, ada }) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const { people } = (await house.ask('ada', 'GET /people')) as {
		people: { id: string; name: string }[];
	};
	const action = (await house.ask('ada', `POST /incidents/${number}/actions`, {
		...{ title: 'Alert on saturation', dueOn: '2026-12-31' },
		owner: people.find(({ name }) => name === 'ada')?.id,
	})) as { id: string };
	await publishRetro(house, number);
	await house.ask('ada', `PATCH /actions/${action.id}`, { state: 'done' });
	await ada.goto(`/i/${number}/retro`);
	await expect(
		new RetroPage(ada).text.getByRole('listitem').filter({ hasText: 'Alert on saturation' }),
	).toContainText(/Done/i);
});

test('without scripts a retrospective can be read', async ({ house, browser }) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const page = await house.enter(browser, 'linus', { javaScriptEnabled: false });
	await page.goto(`/i/${number}/retro`);
	const retro = new RetroPage(page);
	await expect(retro.text.getByRole('heading', { name: 'Summary' })).toBeVisible();
	await expect(retro.text).toContainText('key line 1');
	await page.context().close();
});

for (const [name, screen] of Object.entries({
	desk: { viewport: { width: 1440, height: 900 } },
	phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
})) {
	test(`axe finds nothing in a retrospective, on a ${name}`, async ({ house, browser }) => {
		const number = await resolvedIncident(house);
		await beginRetro(house, number);
		const page = await house.enter(browser, 'ada', screen);
		const retro = await RetroPage.open(page, number);
		await retro.addFactor('Ops failed to notice the graph');
		await page.getByRole('button', { name: 'Comment', exact: true }).last().click();
		await page.getByRole('textbox', { name: 'Comment on the retrospective' }).fill('Which?');
		await page.getByRole('button', { name: 'Send' }).click();
		await expect(page.getByRole('heading', { name: 'Comments 1' })).toBeVisible();
		await expect(page.getByRole('group', { name: /^Hint/ })).toBeVisible();
		expect(await faultsOn(page)).toEqual([]);
		await page.getByRole('button', { name: /change the reviewers/ }).click();
		await expect(page.getByRole('dialog')).toBeVisible();
		expect(await faultsOn(page)).toEqual([]);
		for (const path of ['print', 'export']) {
			await page.goto(`/i/${number}/retro/${path}`);
			expect(await faultsOn(page), path).toEqual([]);
		}
		await page.context().close();
	});
}

test('a theme that somebody chose holds on the page that is printed, and nothing of it is blocked', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	await ada.goto('/');
	await ada.evaluate(() => localStorage.setItem('theme', 'dark'));
	const complaints: string[] = [];
	ada.on('console', (message) => {
		if (message.type() === 'error') complaints.push(message.text());
	});
	await ada.goto(`/i/${number}/retro/print`);
	await expect(ada.locator('html')).toHaveAttribute('data-theme', 'dark');
	expect(complaints).toEqual([]);
});

test('with the keyboard alone somebody writes, cites evidence, and asks for a review', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const retro = await RetroPage.open(ada, number);
	const press = async (name: RegExp | string) => {
		await ada.getByRole('button', { name }).focus();
		await ada.keyboard.press('Enter');
	};
	await press('Surprises and luck');
	await expect(retro.editor).toBeFocused();
	await ada.keyboard.press('ArrowDown');
	await ada.keyboard.type('It was a quiet night. ');
	await expect(retro.editor).toContainText('It was a quiet night.');
	await press('+ Add a factor');
	await ada.keyboard.type('The pool was a constant');
	await press('Put “key line 1” into factor 1');
	await expect(retro.factors.getByRole('link', { name: /key line 1$/ })).toBeVisible();
	await press(/change the reviewers/);
	await ada.getByRole('checkbox', { name: 'grace' }).focus();
	await ada.keyboard.press('Space');
	await ada.keyboard.press('Enter');
	await expect(ada.getByRole('dialog')).toHaveCount(0);
	await press('Ask for review');
	await expect(retro.state).toContainText('In review');
});

test('where somebody goes, and what they put in, before the editor is there waits for it', async ({
	house,
	ada,
}) => {
	const number = await resolvedIncident(house);
	await beginRetro(house, number);
	const near = Promise.withResolvers<void>();
	await ada.route('**/_app/immutable/**/*.js', async (route) => {
		const answer = await route.fetch();
		if ((await answer.text()).includes('ProseMirror')) await near.promise;
		await route.fulfill({ response: answer });
	});
	await ada.goto(`/i/${number}/retro`, { waitUntil: 'domcontentloaded' });
	const retro = new RetroPage(ada);
	await retro.isLive();
	await expect(retro.editor).toHaveCount(0);
	await ada.getByRole('button', { name: 'Put “key line 2” into the report' }).click();
	await ada.getByRole('button', { name: 'Surprises and luck' }).click();
	near.resolve();
	await expect(retro.editor).toBeFocused();
	await expect(retro.editor.getByRole('link', { name: /key line 2$/ })).toBeVisible();
	await ada.keyboard.press('ArrowDown');
	await ada.keyboard.type('It was a quiet night. ');
	await expect(retro.editor.locator('h3:has-text("Surprises") + p')).toContainText(
		'It was a quiet night.',
	);
});

test('a retrospective of 200 key entries prints with numbered pages and no row cut in two', async ({
	house,
	ada,
}) => {
	test.setTimeout(180_000);
	const number = await resolvedIncident(house, 200);
	await beginRetro(house, number);
	await ada.goto(`/i/${number}/retro/print`);
	const pdf = test.info().outputPath('retro.pdf');
	await ada.pdf({ path: pdf, preferCSSPageSize: true });
	const pages = (await textOfPdf(pdf)).split('\f').filter((page) => page.trim() !== '');
	expect(pages.length).toBeGreaterThan(4);
	for (const [i, page] of pages.entries()) {
		expect(page).toContain(`INC-${number} · page ${i + 1} of ${pages.length}`);
	}
	for (let line = 1; line <= 200; line++) {
		const words = new RegExp(`key line ${line}\\b[^]*?end of line ${line}\\b`);
		expect(pages.filter((page) => words.test(page))).toHaveLength(1);
	}
});

/** The words of a PDF, page by page with form feeds between them. */
async function textOfPdf(file: string): Promise<string> {
	const run = promisify(execFile);
	const read = () => run('pdftotext', ['-layout', file, '-'], { maxBuffer: 1 << 26 });
	const { stdout } = await read().catch(async (error: unknown) => {
		if (!(await isRootOnDebian())) throw error;
		await installPackage('poppler-utils', 'pdftotext');
		return read();
	});
	return stdout;
}

test('the page of a retrospective loads at most 140 KiB of JavaScript before its editor', async () => {
	expect(await bundleOf('/i/[number]/retro')).toBeLessThanOrEqual(140 * kib);
});
