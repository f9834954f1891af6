import { isSafeLink, type Block, type Referenced, type Span } from '../../incident/notes.ts';
import type { TimelineItem } from '../../incident/reading.ts';
import { clockTime, fullTime } from '../../time.ts';
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

/** A retrospective as one HTML file that needs nothing else and runs nothing. */
export function retroHtml(exported: ExportedRetro): string {
	const title = text(`${titleOf(exported)}: retrospective`);
	return [
		'<!doctype html>',
		'<html lang="en">',
		'<head>',
		'<meta charset="utf-8">',
		'<meta name="viewport" content="width=device-width">',
		`<title>${title}</title>`,
		`<style>${style}</style>`,
		'</head>',
		'<body>',
		`<h1>${title}</h1>`,
		about(exported),
		...exported.retro.report.map((block) => blockHtml(block, exported)),
		'</body>',
		'</html>',
		'',
	].join('\n');
}

const style = [
	'body{max-width:72ch;margin:2rem auto;padding:0 1rem;font:16px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}',
	'table{width:100%;border-collapse:collapse}',
	'th,td{padding:4px 12px 4px 0;border-bottom:1px solid #d3d9e2;text-align:left;vertical-align:top}',
	'td:first-child{white-space:nowrap}tr,li{break-inside:avoid}',
	'blockquote{margin:0;padding-left:12px;border-left:3px solid #7a8696}pre{white-space:pre-wrap}',
	'dt{float:left;margin-right:.5em;color:#586474}dd{margin:0}small{display:block;color:#586474}',
].join('');

function about(exported: ExportedRetro): string {
	const { retro, nameOf, url, at } = exported;
	const rows = [
		['What it is', text(standingOf(exported, fullTime))],
		...(retro.owner === null ? [] : [['Owner', text(nameOf(retro.owner))]]),
		...(retro.reviewers.length === 0
			? []
			: [['Reviewers', text(retro.reviewers.map(nameOf).join(', '))]]),
		['In Muster', link(url, text(url))],
		['Exported', text(fullTime(at))],
	];
	return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function blockHtml(block: Block, exported: ExportedRetro): string {
	const all = (blocks: readonly Block[]) => blocks.map((one) => blockHtml(one, exported)).join('');
	switch (block.kind) {
		case 'paragraph':
			return `<p>${inline(block.spans)}</p>`;
		case 'heading': {
			// The title is the one of the first level.
			const level = Math.min(6, Math.max(2, block.level));
			return `<h${level}>${inline(block.spans)}</h${level}>`;
		}
		case 'code':
			return `<pre><code>${text(block.text)}</code></pre>`;
		case 'quote':
			return `<blockquote>${all(block.blocks)}</blockquote>`;
		case 'list': {
			const tag = block.isOrdered ? 'ol' : 'ul';
			return `<${tag}>${block.items.map((item) => `<li>${all(item)}</li>`).join('')}</${tag}>`;
		}
		case 'rule':
			return '<hr>';
		case 'reference':
			return referenced(block.of, exported);
	}
	return block satisfies never;
}

function inline(spans: readonly Span[]): string {
	return spans.map(spanHtml).join('');
}

function spanHtml(span: Span): string {
	if (span.text === '\n') return '<br>';
	let html = text(span.text);
	if (span.code) html = `<code>${html}</code>`;
	if (span.bold) html = `<strong>${html}</strong>`;
	if (span.italic) html = `<em>${html}</em>`;
	if (span.strike) html = `<s>${html}</s>`;
	if (span.underline) html = `<u>${html}</u>`;
	return span.href === undefined ? html : link(span.href, html);
}

function referenced(of: Referenced, exported: ExportedRetro): string {
	switch (of) {
		case 'timeline':
			return timeline(exported);
		case 'factors':
		case 'lessons':
			return findings(of === 'factors' ? 'factor' : 'lesson', exported);
		case 'actions':
			return list(
				'ul',
				exported.actions.map((one) => actionHtml(one, exported)),
			);
		case 'milestones':
		case 'roles':
		case 'updates':
		case 'tasks':
			return listed(of, exported);
	}
	return of satisfies never;
}

function listed(of: Listed, { incident, nameOf }: ExportedRetro): string {
	const known = linesFor(of, incident, nameOf).map(text);
	return known.length === 0 ? '' : `<p>${listTitles[of]}:</p>${list('ul', known)}`;
}

function timeline(exported: ExportedRetro): string {
	const parts = linesOf(exported);
	if (parts.length === 0) return '<p>No key entries.</p>';
	const head = ['When', 'What', 'Who'].map((name) => `<th scope="col">${name}</th>`).join('');
	const bodies = parts.map(({ name, items }) => {
		const heading =
			name === null ? [] : [`<tr><th scope="rowgroup" colspan="3">${text(name)}</th></tr>`];
		const rows = [...heading, ...items.map((item) => row(item, exported))];
		return `<tbody>${rows.join('\n')}</tbody>`;
	});
	return `<table><thead><tr>${head}</tr></thead>${bodies.join('')}</table>`;
}

function row(item: TimelineItem, { nameOf }: ExportedRetro): string {
	const when = `${item.approximate ? '~' : ''}${fullTime(item.occurredAt)}`;
	const cells = [when, item.text, whoOf(item, nameOf)];
	return `<tr>${cells.map((words) => `<td>${lines(words)}</td>`).join('')}</tr>`;
}

function findings(kind: Finding['kind'], exported: ExportedRetro): string {
	const found = exported.retro.findings.filter((one) => one.kind === kind);
	return list(
		'ol',
		found.map((one) => lines(one.text) + details(one, exported)),
	);
}

function details(finding: Finding, exported: ExportedRetro): string {
	const seen = [
		...evidenceOf(exported, finding.entries).map(
			({ occurredAt, text }) => `${clockTime(occurredAt)} ${text}`,
		),
		...finding.moments.map((at) => fullTime(at)),
	];
	const parts = [
		...(finding.causes.length === 0 ? [] : [`Causes: ${finding.causes.join(', ')}`]),
		...(seen.length === 0 ? [] : [`Seen at: ${seen.join('; ')}`]),
	];
	return parts.map((words) => `<small>${text(words)}</small>`).join('');
}

function actionHtml(action: ExportedAction, { nameOf }: ExportedRetro): string {
	const { title, kind, owner, dueOn, state, link: address } = action;
	const words = [
		state,
		kind,
		owner === null ? 'nobody' : nameOf(owner),
		...(dueOn === null ? [] : [`due ${dueOn}`]),
	];
	const named = address === null ? text(title) : link(address, text(title));
	return `${named} <small>${text(words.join(', '))}</small>`;
}

function list(tag: 'ol' | 'ul', items: readonly string[]): string {
	if (items.length === 0) return '<p>None.</p>';
	return `<${tag}>${items.map((item) => `<li>${item}</li>`).join('\n')}</${tag}>`;
}

/** Only what is safe to follow is a link. */
function link(href: string, html: string): string {
	return isSafeLink(href) ? `<a href="${text(href)}">${html}</a>` : html;
}

function lines(words: string): string {
	return text(words).replaceAll('\n', '<br>');
}

const escapes: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function text(words: string): string {
	return words.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}
