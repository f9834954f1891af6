import { weekdays } from '#core/time.ts';
import type { Bar, Cell, Chart, Tone, Words } from './drawing.ts';

/** An hour of the week: weekday 1 (Monday) to 7, hour 0 to 23, and where its incidents are listed. */
export interface HeatCell {
	readonly weekday: number;
	readonly hour: number;
	readonly count: number;
	readonly href: string | undefined;
}

const tones: readonly Tone[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4'];
const rowHeight = 22;
const dayShare = 0.09;
const hours = Array.from({ length: 24 }, (_, hour) => hour);

/** When incidents began: a row for each day of the week, a column for each hour, darker for more. */
export function heatMap(what: { title: string; zone: string }, cells: readonly HeatCell[]): Chart {
	const byHour = new Map(cells.map((cell) => [keyOf(cell), cell]));
	const most = cells.reduce((max, { count }) => Math.max(max, count), 0);
	const find: Find = (weekday, hour) =>
		byHour.get(keyOf({ weekday, hour })) ?? { weekday, hour, count: 0, href: undefined };
	return {
		title: what.title,
		sentence: sentenceOf(cells, what.zone),
		table: tableOf(find),
		drawing:
			most === 0
				? null
				: {
						height: 7 * rowHeight + 20,
						lines: [],
						dots: [],
						bars: weekdays.flatMap((_, day) =>
							hours.map((hour) => square(find(day + 1, hour), most)),
						),
						words: [
							...weekdays.map(dayLabel),
							...hours.filter((hour) => hour % 6 === 0).map(hourLabel),
						],
					},
	};
}

type Find = (weekday: number, hour: number) => HeatCell;

function keyOf({ weekday, hour }: Pick<HeatCell, 'weekday' | 'hour'>): number {
	return weekday * 24 + hour;
}

/** Which of the four steps a count has beside the largest one; nothing has a step of its own. */
export function toneOf(count: number, most: number): Tone {
	return tones[count === 0 ? 0 : Math.ceil((count / most) * 4)] ?? 'heat4';
}

function square({ weekday, hour, count, href }: HeatCell, most: number): Bar {
	const width = (1 - dayShare) / 24;
	return {
		x: dayShare + hour * width,
		y: (weekday - 1) * rowHeight,
		width: width * 0.92,
		height: rowHeight - 2,
		tone: toneOf(count, most),
		label: `${weekdays[weekday - 1] ?? ''} ${clockHour(hour)}: ${count}`,
		href: count > 0 ? href : undefined,
	};
}

function clockHour(hour: number): string {
	return `${String(hour).padStart(2, '0')}:00`;
}

function dayLabel(name: string, day: number): Words {
	return { x: 0, y: day * rowHeight + 15, text: name.slice(0, 3), anchor: 'start' };
}

function hourLabel(hour: number): Words {
	const x = dayShare + (hour / 24) * (1 - dayShare);
	return { x, y: 7 * rowHeight + 14, text: clockHour(hour), anchor: 'start' };
}

function sentenceOf(cells: readonly HeatCell[], zone: string): string {
	const busiest = cells.reduce<HeatCell | null>(
		(best, cell) => (cell.count > (best?.count ?? 0) ? cell : best),
		null,
	);
	const which = 'When incidents were declared, by day of the week and hour';
	if (!busiest) return `${which}, in ${zone}. There was none.`;
	const { weekday, hour, count } = busiest;
	return `${which}, in ${zone}. The most, ${count}, on ${weekdays[weekday - 1] ?? ''}s from ${clockHour(hour)}.`;
}

/** Hours below each other and days beside each other: it fits a phone that way. */
function tableOf(find: Find): Chart['table'] {
	const counted = ({ count, href }: HeatCell): Cell => ({
		text: String(count),
		href: count > 0 ? href : undefined,
	});
	return {
		head: ['Hour', ...weekdays.map((name) => name.slice(0, 3))],
		rows: hours.map((hour) => [
			{ text: clockHour(hour) },
			...weekdays.map((_, day) => counted(find(day + 1, hour))),
		]),
	};
}
