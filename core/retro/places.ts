/** Where somebody is who reads or writes the retrospective. */
export const retroPlace = 'retro';

/** Whether a place of presence is a part of the retrospective, not of the room. */
export function isRetroPlace(place: string | null): boolean {
	return place === retroPlace || place === 'report' || place?.startsWith('finding:') === true;
}
