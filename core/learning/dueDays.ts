const dayMs = 86_400_000;

/** A retrospective is due so many business days after the incident was resolved. */
export const retroDueDays = 5;

/** The instant so many business days (Monday to Friday, UTC) after another one, at the same time of day; epoch ms. */
export function afterBusinessDays(at: number, days: number): number {
	let day = at;
	for (let left = days; left > 0;) {
		day += dayMs;
		const weekday = new Date(day).getUTCDay();
		if (weekday !== 0 && weekday !== 6) left -= 1;
	}
	return day;
}
