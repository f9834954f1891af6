import { roundedDuration } from '../time.ts';
import type { RecordState } from './fold.ts';
import { milestoneNames, statusNames, type Origin } from './lifecycle.ts';
import type { NameOf } from './reading.ts';
import { isRetroFact, type Fact, type FactOf } from './record.ts';
import { removedParts, type RemovedPart } from './parts.ts';
import { roleNames } from './roles.ts';
import { servicesWords } from './services.ts';

/** A fact as a sentence, told from the state before it. Null for facts that say something of an entry. */
export function sentenceOf(fact: Fact, before: RecordState, nameOf: NameOf): string | null {
	if (isRetroFact(fact)) return null; // said in the retrospective, not in the timeline
	const who = nameOf(fact.by);
	switch (fact.kind) {
		case 'declared':
			return declaredSentences[fact.origin](who);
		case 'renamed':
			return `Renamed “${fact.title}” by ${who}`;
		case 'severity':
			return `Severity ${before.severity ?? 'not set'} → ${fact.severity ?? 'not set'} by ${who}`;
		case 'status':
			return before.status === fact.status
				? `Phase ${statusNames[fact.status]} by ${who}`
				: `Phase ${statusNames[before.status]} → ${statusNames[fact.status]} by ${who}`;
		case 'services':
			return `Services ${servicesWords(before.services)} → ${servicesWords(fact.services)} by ${who}`;
		case 'role':
			return roleSentence(fact, before, nameOf);
		case 'claimed':
			return claimedSentence(fact, before, nameOf);
		case 'milestone':
			return milestoneSentence(fact, before, who);
		case 'link':
			return fact.title === fact.url
				? `Link added by ${who}: ${fact.url}`
				: `Link added by ${who}: ${fact.title} (${fact.url})`;
		case 'reopened':
			return `Reopened by ${who}`;
		case 'late':
			return `Edits by ${who} from before the incident was closed arrived late`;
		case 'setAside':
			return `“${fact.text}” by ${who} arrived late and is set aside: something else is in its place`;
		case 'deleted':
			return deletedSentence(fact, who);
		case 'restored':
			return restoredSentence(fact, who);
		case 'removed':
			return `${who} removed a part of ${partWords(fact.parts)} for good: ${fact.reason}`;
		case 'logged':
			return null;
		default:
			return fact satisfies never;
	}
}

const declaredSentences: Readonly<Record<Origin, (who: string) => string>> = {
	live: (who) => `Incident declared by ${who}`,
	backfilled: (who) => `Incident written down by ${who} afterwards`,
	imported: (who) => `Incident imported by ${who}`,
};

function claimedSentence(fact: FactOf<'claimed'>, before: RecordState, nameOf: NameOf): string {
	const holder = before.roles[fact.role];
	const holds = holder ? `; ${nameOf(holder.person)} has it` : '';
	return `${nameOf(fact.by)} claims ${roleNames[fact.role]} too${holds}`;
}

function roleSentence(fact: FactOf<'role'>, before: RecordState, nameOf: NameOf): string {
	const role = roleNames[fact.role];
	const who = nameOf(fact.by);
	const holder = before.roles[fact.role];
	const from = holder && !holder.acting ? ` from ${nameOf(holder.person)}` : '';
	if (fact.acting) return `${who} is acting ${role}`;
	if (fact.person === fact.by) return `${who} takes ${role}${from}`;
	if (fact.person) return `${who} assigns ${role} to ${nameOf(fact.person)}${from}`;
	if (holder && holder.person !== fact.by)
		return `${who} releases ${nameOf(holder.person)} from ${role}`;
	return `${who} releases ${role}`;
}

function milestoneSentence(fact: FactOf<'milestone'>, before: RecordState, who: string): string {
	const name = milestoneNames[fact.milestone];
	const earlier = before.milestones[fact.milestone];
	if (fact.at === null) return `“${name}” cleared by ${who}`;
	const time = timeWords(fact.at);
	if (!earlier) return `“${name}” set to ${time} by ${who}`;
	const shift = roundedDuration(Math.abs(fact.at - earlier.at));
	const way = fact.at < earlier.at ? 'earlier' : 'later';
	return `“${name}” corrected to ${time} by ${who}, ${shift} ${way}`;
}

/** “Grace deleted most of the notes” */
export function deletedSentence(
	fact: Pick<FactOf<'deleted'>, 'parts' | 'characters' | 'before'>,
	who: string,
): string {
	const share = fact.before > 0 ? fact.characters / fact.before : 1;
	const much = share > 0.98 ? 'all' : share > 0.5 ? 'most' : 'much';
	return `${who} deleted ${much} of ${partWords(fact.parts)}`;
}

function restoredSentence(fact: FactOf<'restored'>, who: string): string {
	const time = timeWords(fact.at);
	if (fact.leftOut) {
		return `${who} opened this incident again as of ${time}; what came after could not be opened`;
	}
	return `${who} restored ${partWords(fact.parts)} as of ${time}`;
}

function partWords(parts: readonly RemovedPart[]): string {
	const names = removedParts.filter((part) => parts.includes(part));
	const last = names.pop() ?? 'texts';
	return names.length > 0 ? `the ${names.join(', ')} and ${last}` : `the ${last}`;
}

function timeWords(at: number): string {
	return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
