/** What somebody is in, as presence names it, in words. */
export function placeWords(place: string | null): string {
	if (place === null) return 'here';
	if (place.startsWith('entry:')) return 'editing an entry';
	if (place.startsWith('task:')) return 'editing a task';
	switch (place) {
		case 'impact':
			return 'editing Impact';
		case 'theory':
			return 'editing Working theory';
		case 'notes':
			return 'editing Notes';
		case 'composer':
			return 'writing an entry';
		case 'timeline':
			return 'reading the timeline';
		default:
			return 'here';
	}
}
