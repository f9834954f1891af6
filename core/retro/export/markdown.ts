import { toMarkdown } from '../../incident/markdown.ts';
import { isSafeLink, type Block, type Referenced } from '../../incident/notes.ts';
import { clockTime, fullTime } from '../../time.ts';
import { cell, oneLine, table } from '../../review/export/markdownCells.ts';
import { whoOf } from '../../review/export/exported.ts';
import type { Finding } from '../findings.ts';
import { linesFor, listTitles, type Listed } from '../knownFacts.ts';
import {
	evidenceOf,
	linesOf,
	standingOf,
	titleOf,
	type ExportedAction,
	type ExportedRetro,
} from './exported.ts';

/**
 * A retrospective as a document for people: GitHub's Markdown (https://github.github.com/gfm/). What
 * people wrote stays where it stands, whatever it holds.
 */
export function retroMarkdown(exported: ExportedRetro): string {
	const title = `${titleOf(exported)}: retrospective`;
	const parts = [
		toMarkdown([{ kind: 'heading', level: 1, spans: [{ text: title }] }]),
		about(exported),
		...partsOf(exported.retro.report, exported),
	];
	return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function about(exported: ExportedRetro): string {
	const { retro, nameOf, url, at } = exported;
	const lines = [
		['What it is', standingOf(exported, fullTime)],
		...(retro.owner === null ? [] : [['Owner', nameOf(retro.owner)]]),
		...(retro.reviewers.length === 0
			? []
			: [['Reviewers', retro.reviewers.map(nameOf).join(', ')]]),
		['In Muster', url],
		['Exported', fullTime(at)],
	];
	return lines.map(([name, value = '']) => `- ${name}: ${cell(value)}`).join('\n');
}

/** Blocks in their order, each reference as what it stands for. */
function partsOf(report: readonly Block[], exported: ExportedRetro): string[] {
	return report.map((block) =>
		block.kind === 'reference' ? referenced(block.of, exported) : toMarkdown([block]),
	);
}

function referenced(of: Referenced, exported: ExportedRetro): string {
	switch (of) {
		case 'timeline':
			return timeline(exported) || '_No key entries._';
		case 'factors':
		case 'lessons':
			return findings(of === 'factors' ? 'factor' : 'lesson', exported) || '_None._';
		case 'actions':
			return exported.actions.map((one) => actionLine(one, exported)).join('\n') || '_None._';
		case 'milestones':
		case 'roles':
		case 'updates':
		case 'tasks':
			return listed(of, exported);
	}
	return of satisfies never;
}

function listed(of: Listed, { incident, nameOf }: ExportedRetro): string {
	const lines = linesFor(of, incident, nameOf).map((line) => `- ${cell(line)}`);
	return lines.length === 0 ? '' : `${listTitles[of]}:\n\n${lines.join('\n')}`;
}

function timeline(exported: ExportedRetro): string {
	const parts = linesOf(exported);
	const isParted = parts.some(({ name }) => name !== null);
	const rows = parts.flatMap(({ name, items }) =>
		items.map((item) => [
			`${item.approximate ? '~' : ''}${fullTime(item.occurredAt)}`,
			...(isParted ? [name ?? ''] : []),
			item.text,
			whoOf(item, exported.nameOf),
		]),
	);
	return table(['When', ...(isParted ? ['Part'] : []), 'What', 'Who'], rows);
}

function findings(kind: Finding['kind'], exported: ExportedRetro): string {
	return exported.retro.findings
		.filter((one) => one.kind === kind)
		.map((one, i) => {
			const bullet = `${i + 1}. `;
			const lines = [cell(one.text), ...details(one, exported)];
			return lines
				.map((line, n) => (n === 0 ? bullet : ' '.repeat(bullet.length)) + line)
				.join('  \n');
		})
		.join('\n');
}

function details(finding: Finding, exported: ExportedRetro): string[] {
	const seen = [
		...evidenceOf(exported, finding.entries).map(
			({ occurredAt, text }) => `${clockTime(occurredAt)} ${oneLine(text)}`,
		),
		...finding.moments.map((at) => fullTime(at)),
	];
	return [
		...(finding.causes.length === 0 ? [] : [`Causes: ${finding.causes.map(cell).join(', ')}`]),
		...(seen.length === 0 ? [] : [`Seen at: ${seen.map(cell).join('; ')}`]),
	];
}

function actionLine(action: ExportedAction, { nameOf }: ExportedRetro): string {
	const { title, kind, owner, dueOn, state, link } = action;
	const words = [
		kind,
		owner === null ? 'nobody' : nameOf(owner),
		...(dueOn === null ? [] : [`due ${dueOn}`]),
		...(state === 'dropped' ? ['dropped'] : []),
	];
	const address =
		link !== null && isSafeLink(link) ? ` <${link.replace(/[<>\s]/g, encodeURIComponent)}>` : '';
	return `- [${state === 'done' ? 'x' : ' '}] ${cell(title)} (${cell(words.join(', '))})${address}`;
}
