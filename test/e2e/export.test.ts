import { readFile } from 'node:fs/promises';
import { bundleFiles } from '#core/review/export/bundleFiles.ts';
import { filesIn, importBundle, exportBundle, manifestIn, textIn } from '../support/bundles.ts';
import { expect, test } from '../support/e2e.ts';
import { RoomPage } from '../support/roomPage.ts';
import { startMuster } from '../support/server.ts';
import { cloneOf } from '../support/template.ts';
import { templateOfRun } from '../support/e2eTemplate.ts';
import { declare } from '../support/people.ts';

test('[E2] from the room an incident is taken out in every form, and it is told who did', async ({
	house,
	grace,
	linus,
}) => {
	const number = await house.declare('checkout is down');
	await RoomPage.open(grace, number);
	await grace.getByRole('link', { name: 'Export this incident' }).click();
	await expect(grace).toHaveTitle(`INC-${number} checkout is down · Export · Muster`);
	for (const [name, file] of [
		['Bundle', `INC-${number}.zip`],
		['Markdown', `INC-${number}.md`],
		['CSV', `INC-${number}.csv`],
		['JSON', `INC-${number}.json`],
		['Calendar', `INC-${number}.ics`],
	] as const) {
		const downloading = grace.waitForEvent('download');
		await grace.getByRole('link', { name, exact: true }).click();
		const download = await downloading;
		expect(download.suggestedFilename()).toBe(file);
		const bytes = await readFile(await download.path());
		if (name === 'Bundle') expect(manifestIn(await filesIn(bytes)).incident.number).toBe(number);
		else expect(bytes.toString()).toMatch(/checkout is down|Incident declared/);
	}
	const taken = grace.getByRole('region', { name: 'Who took it out' }).getByRole('listitem');
	await expect(taken).toHaveCount(5);
	await expect(taken.first()).toContainText('grace');
	await linus.goto(`/i/${number}/export`);
	await expect(linus.getByRole('link', { name: 'Bundle', exact: true })).toBeVisible();
});

test('[E5] an incident of another Muster says so, and shows its people as the source’s', async ({
	house,
	ada,
}) => {
	await using other = await startMuster({
		databaseUrl: await cloneOf(templateOfRun()),
		env: { PUBLIC_URL: 'https://ops.example.com' },
	});
	for (let i = 0; i < 3; i++) await declare(other, 'something else');
	const id = await declare(other, 'queue is stuck');
	const archive = await exportBundle(other, id);
	const { head } = manifestIn(await filesIn(archive));
	const { status, body } = await importBundle(house.muster, archive, { head });
	expect(status).toBe(201);
	const { number } = body as { number: number };
	const room = await RoomPage.open(ada, number);
	await expect(ada.getByRole('heading', { level: 1 })).toContainText(`INC-${number}`);
	await expect(room.line('Incident declared by')).toContainText(
		'Admin token (from ops.example.com)',
	);
	await expect(room.roles).toContainText('Admin token (from ops.example.com)');
	await expect(
		room.words(/Imported from ops\.example\.com, where it is INC-4, by Admin token/),
	).toContainText('Its head is known');
	await room.log('we took it over');
	await expect(room.line('we took it over')).toBeVisible();
	await room.isLive();
	await expect(room.line('Incident declared by')).toContainText('(from ops.example.com)');
	const again = await filesIn(await exportBundle(house.muster, id));
	expect(textIn(again, bundleFiles.markdown)).toContain('(from ops.example.com)');
});
