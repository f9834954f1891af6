import type { PersonId } from '#core/ids.ts';
import type { Role } from '#core/incident/roles.ts';
import type { Holder } from '#core/incident/reading.ts';

/** Somebody in the room. */
export interface Here {
	readonly person: PersonId;
	readonly name: string;
	readonly place: string | null;
	readonly idle: boolean;
}

/** What somebody is in, as presence names it, in words. */
function placeWords(place: string | null): string {
	if (place === null) return 'here';
	if (place.startsWith('entry:')) return 'editing an entry';
	if (place.startsWith('task:')) return 'editing a task';
	if (place.startsWith('finding:')) return 'editing a finding of the retrospective';
	switch (place) {
		case 'impact':
			return 'editing Impact';
		case 'theory':
			return 'editing Working theory';
		case 'notes':
			return 'editing Notes';
		case 'retro':
			return 'in the retrospective';
		case 'report':
			return 'editing the retrospective';
		default:
			return 'here';
	}
}

/** Somebody with what they do: `Maya — editing Impact`. */
export function hereWords({ person, name, place, idle }: Here, me: PersonId | null): string {
	const who = person === me ? `${name} (you)` : name;
	return idle ? `${who} — away` : `${who} — ${placeWords(place)}`;
}

/** The commander first, then whoever holds a role, then the others as they came. */
export function byRole(
	present: readonly Here[],
	roles: Readonly<Record<Role, Holder | null>>,
): readonly Here[] {
	const held = Object.values(roles).map((holder) => holder?.person ?? null);
	const rank = ({ person }: Here) => {
		if (roles.commander?.person === person) return 0;
		return held.includes(person) ? 1 : 2;
	};
	return present.toSorted((a, b) => rank(a) - rank(b));
}
