import { toMarkdown } from '../../incident/markdown.ts';
import type { PersonId } from '../../ids.ts';
import { linesOf, type ExportedRetro } from './exported.ts';

/** A retrospective for programs, as plain data to be written as JSON. Instants are ISO 8601 UTC. */
export function retroData(exported: ExportedRetro): object {
	const { number, url, version, retro, incident, actions, nameOf, at } = exported;
	const who = (person: PersonId | null) => (person === null ? null : nameOf(person));
	return {
		incident: { number, title: incident.title, severity: incident.severity, url },
		version: version && { number: version.version, publishedAt: iso(version.at) },
		stage: retro.stage,
		owner: who(retro.owner),
		reviewers: retro.reviewers.map(nameOf),
		report: { markdown: toMarkdown(retro.report), blocks: retro.report },
		findings: retro.findings.map(({ id, kind, text, causes, entries, moments }) => ({
			...{ id, kind, text, causes, entries },
			moments: moments.map(iso),
		})),
		timeline: linesOf(exported).flatMap(({ name: part, items }) =>
			items.map(({ id, kind, text, occurredAt, by }) => ({
				...{ part, id, kind, text },
				occurredAt: iso(occurredAt),
				by: who(by),
			})),
		),
		actions: actions.map((action) => ({ ...action, owner: who(action.owner) })),
		exportedAt: iso(at),
	};
}

function iso(at: number): string {
	return new Date(at).toISOString();
}
