import { makeTemplate, type Template } from './template.ts';

const setting = 'MUSTER_TEST_TEMPLATE';

/** Before the first browser test: the template, for `templateOfRun`. */
export default async function setup(): Promise<() => Promise<void>> {
	const { url, name, remove } = await makeTemplate();
	process.env[setting] = JSON.stringify({ url, name });
	return remove;
}

/** The template that this run of the browser tests made. */
export function templateOfRun(): Pick<Template, 'url' | 'name'> {
	const text = process.env[setting];
	if (text === undefined) throw new Error('There is no template: the tests run with Playwright.');
	return JSON.parse(text) as Pick<Template, 'url' | 'name'>;
}
