import { textLimits } from '../../textLimits.ts';
import { title as titleSchema } from '../../wire.ts';
import { BadLine } from '../fileFields.ts';
import type { Kind, Status } from '../lifecycle.ts';
import { isSafeLink } from '../notes.ts';
import { serviceLimits, servicesOf } from '../services.ts';
import type { Historic, Reading } from './historic.ts';
import { gradeOf, gradeWords, kindOf, updateText, type Graded } from './words.ts';

/** An incident in a source's own words; `null` is what it does not say. Instants are epoch ms. */
export interface SourceIncident {
	readonly line: number;
	readonly id: string;
	readonly title: string;
	readonly url: string | null;
	readonly impact: string | null;
	readonly kind: string | null;
	/** Where it stood last. */
	readonly status: string | null;
	readonly startedAt: number | null;
	readonly resolvedAt: number | null;
	readonly window: { readonly from: number | null; readonly to: number | null };
	readonly services: readonly string[];
	readonly updates: readonly SourceUpdate[];
	/** How the file calls what these say. */
	readonly names: { readonly title: string; readonly impact: string; readonly kind: string };
}

export interface SourceUpdate {
	readonly line: number;
	readonly at: number;
	readonly status: string | null;
	readonly message: string | null;
}

/** How far ahead of ours a source's clock may be. */
const aheadMs = 5 * 60_000;

/**
 * What a source says of an incident, as ours says it; nothing is guessed. Times may be in any order:
 * whoever reads them counts that. Throws a `BadLine`.
 */
export function historicOf(
	said: SourceIncident,
	reading: Reading,
	warn: (line: number, sentence: string) => void,
): Historic {
	const url = urlOf(said, warn);
	const grade = gradeIn(said);
	const updates = said.updates.flatMap((update) => {
		const text = updateText(update.status, update.message);
		if (text.length > textLimits.entry) {
			throw new BadLine(update.line, `An update is longer than ${textLimits.entry} characters.`);
		}
		return text === '' ? [] : [{ at: update.at, text }];
	});
	const historic = {
		line: said.line,
		source: sourceOf(said, reading),
		sourceId: said.id,
		title: titleOf(said),
		url,
		...grade,
		status: statusOf(said),
		declaredAt: said.startedAt,
		resolvedAt: said.resolvedAt,
		impactStartedAt: said.window.from,
		impactEndedAt: said.window.to,
		services: servicesIn(said, warn),
		updates: updates.sort((a, b) => a.at - b.at),
	};
	checkTimes(historic, reading.now);
	return historic;
}

function titleOf({ line, title, names }: SourceIncident): string {
	const read = titleSchema.safeParse(title);
	if (read.success) return read.data;
	const fault = title.trim() === '' ? 'is empty' : `is longer than ${textLimits.title} characters`;
	throw new BadLine(line, `“${names.title}” ${fault}.`, names.title);
}

/** What cannot be a link is no reason to lose the incident. */
function urlOf({ line, url }: SourceIncident, warn: (line: number, sentence: string) => void) {
	if (url === null) return null;
	const isLink = isSafeLink(url) && !/\s|\0/.test(url) && url.length <= textLimits.url;
	if (!isLink) warn(line, 'Its address is no link and is not taken over.');
	return isLink ? url : null;
}

function gradeIn({ line, impact, kind, names }: SourceIncident): Graded {
	const grade = impact === null ? { kind: 'incident' as Kind, severity: null } : gradeOf(impact);
	if (!grade) throw new BadLine(line, `“${names.impact}” must be ${gradeWords}.`, names.impact);
	if (kind === null) return grade;
	const told = kindOf(kind);
	if (told) return { ...grade, kind: told };
	const kinds = 'incident, drill or maintenance';
	throw new BadLine(line, `“${names.kind}” must be ${kinds}.`, names.kind);
}

const ends = ['resolved', 'completed', 'postmortem', 'closed'];
const phases = ['identified', 'monitoring'] as const;

function statusOf({ resolvedAt, status }: SourceIncident): Status {
	const word = status?.trim().toLowerCase() ?? '';
	if (resolvedAt !== null || ends.includes(word)) return 'closed';
	return phases.find((phase) => phase === word) ?? 'investigating';
}

function servicesIn(
	{ line, services }: SourceIncident,
	warn: (line: number, sentence: string) => void,
): readonly string[] {
	const { count, name } = serviceLimits;
	const all = servicesOf(services);
	const taken = all.filter(({ length }) => length <= name).slice(0, count);
	if (taken.length < all.length) {
		const many = `${all.length - taken.length} of ${all.length} services are not taken over`;
		warn(line, `${many}: an incident has at most ${count}, each of at most ${name} characters.`);
	}
	return taken;
}

function sourceOf({ line, url }: SourceIncident, { source }: Reading): string {
	const host = url === null ? null : (URL.parse(url)?.host ?? null);
	const name = source ?? host;
	if (name) return name;
	throw new BadLine(line, 'Say what the source is called: an id is only known by its source.');
}

type Times = Omit<Historic, 'line'> & { readonly line: number };

function checkTimes(historic: Times, now: number): void {
	const { line, declaredAt, resolvedAt, impactStartedAt, impactEndedAt, updates } = historic;
	const all = [declaredAt, resolvedAt, impactStartedAt, impactEndedAt, ...updates.map(atOf)];
	const said = all.filter((at) => at !== null);
	if (said.length === 0) throw new BadLine(line, 'This says no time at all.');
	if (said.some((at) => at > now + aheadMs)) throw new BadLine(line, 'A time is in the future.');
}

function atOf({ at }: { readonly at: number }): number {
	return at;
}
