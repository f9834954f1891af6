const day = 24 * 60 * 60_000;

/** The end of the fifth business day after an instant, in UTC, epoch ms: when a retrospective is due. */
export function dueAfter(at: number, businessDays = 5): number {
	let midnight = Math.floor(at / day) * day;
	for (let left = businessDays; left > 0;) {
		midnight += day;
		if (isBusinessDay(midnight)) left -= 1;
	}
	return midnight + day - 1_000;
}

/** Monday to Friday; holidays are not known here. */
function isBusinessDay(midnight: number): boolean {
	const weekday = new Date(midnight).getUTCDay();
	return weekday !== 0 && weekday !== 6;
}
