import type { PersonId } from '../../ids.ts';
import type { Block, Span } from '../../incident/notes.ts';
import type { Incident, TimelineItem } from '../../incident/reading.ts';
import { roleNames, roles } from '../../incident/roles.ts';
import type { ExportedRetro } from './exported.ts';

/** Somebody whose name is not to be told. */
export interface Namable {
	readonly id: PersonId;
	readonly name: string;
}

const shortestName = 3;

/**
 * The same with roles instead of names, wherever a name stands: `Commander` for whoever held that role
 * last, `Responder 1` and so on for others. Nicknames and names that nobody here has stay in the texts.
 */
export function withRoles(exported: ExportedRetro, people: readonly Namable[]): ExportedRetro {
	const roleOf = rolesFor(exported.incident, people);
	const named = people.filter(({ name }) => name.trim().length >= shortestName);
	const words = new Map(named.map(({ id, name }) => [name.trim().toLowerCase(), roleOf(id)]));
	const pattern = patternOf([...words.keys()]);
	const without = (text: string) =>
		pattern ? text.replace(pattern, (name) => words.get(name.toLowerCase()) ?? name) : text;
	const { retro, incident, actions } = exported;
	return {
		...exported,
		nameOf: roleOf,
		retro: {
			...retro,
			report: retro.report.map((block) => inBlock(block, without)),
			findings: retro.findings.map((one) => ({ ...one, text: without(one.text) })),
		},
		incident: {
			...incident,
			title: without(incident.title),
			timeline: incident.timeline.map((item) => inLine(item, without)),
		},
		actions: actions.map((action) => ({ ...action, title: without(action.title) })),
	};
}

function rolesFor(incident: Incident, people: readonly Namable[]): (person: PersonId) => string {
	const held = new Map<PersonId, string>();
	for (const role of roles) {
		const holder = incident.roles[role];
		if (holder && !held.has(holder.person)) held.set(holder.person, roleNames[role]);
	}
	const others = people.map(({ id }) => id).filter((id) => !held.has(id));
	return (person) => {
		const place = others.indexOf(person);
		return held.get(person) ?? (place < 0 ? 'Somebody' : `Responder ${place + 1}`);
	};
}

/** Whole names, the longest first. */
function patternOf(names: readonly string[]): RegExp | null {
	if (names.length === 0) return null;
	const either = names
		.toSorted((a, b) => b.length - a.length)
		.map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
	return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${either.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
}

type Rewrite = (text: string) => string;

function inBlock(block: Block, rewrite: Rewrite): Block {
	switch (block.kind) {
		case 'paragraph':
		case 'heading':
			return { ...block, spans: block.spans.map((span) => inSpan(span, rewrite)) };
		case 'code':
			return { ...block, text: rewrite(block.text) };
		case 'quote':
			return { ...block, blocks: block.blocks.map((one) => inBlock(one, rewrite)) };
		case 'list':
			return {
				...block,
				items: block.items.map((item) => item.map((one) => inBlock(one, rewrite))),
			};
		case 'rule':
		case 'reference':
			return block;
	}
	return block satisfies never;
}

function inSpan(span: Span, rewrite: Rewrite): Span {
	return { ...span, text: rewrite(span.text) };
}

function inLine(item: TimelineItem, rewrite: Rewrite): TimelineItem {
	const { text, actors } = item;
	return {
		...item,
		text: rewrite(text),
		...(actors === undefined ? {} : { actors: rewrite(actors) }),
	};
}
