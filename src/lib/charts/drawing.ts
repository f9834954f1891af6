import { severities, type Severity } from '#core/incident/lifecycle.ts';

/** What a severity is called in charts and their tables. */
export type SeverityName = Severity | 'Not set';
export const severityNames: readonly SeverityName[] = [...severities, 'Not set'];

/** How a mark is filled: a severity, or one of the steps of a heat map, 0 for nothing at all. */
export type Tone = SeverityName | 'heat0' | 'heat1' | 'heat2' | 'heat3' | 'heat4' | 'plain' | 'few';

/** What a mark says when it is pointed at, and where it leads. */
interface Pointed {
	readonly label: string;
	readonly href?: string | undefined;
}

/** Places along the width are shares of it in [0, 1]; those along the height are CSS pixels. */
export interface Bar extends Pointed {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
	readonly tone: Tone;
}

export interface Dot extends Pointed {
	readonly x: number;
	readonly y: number;
	readonly tone: Tone;
}

export interface Line {
	readonly x1: number;
	readonly y1: number;
	readonly x2: number;
	readonly y2: number;
	readonly kind: 'grid' | 'base' | 'mark' | 'trend';
}

export interface Words {
	readonly x: number;
	readonly y: number;
	readonly text: string;
	readonly anchor: 'start' | 'middle' | 'end';
	readonly isStrong?: boolean;
}

/** A picture as data: as wide as there is room, so that its words keep their size on any screen. */
export interface Drawing {
	/** CSS pixels. */
	readonly height: number;
	readonly lines: readonly Line[];
	readonly bars: readonly Bar[];
	readonly dots: readonly Dot[];
	readonly words: readonly Words[];
}

/** What a chart says that has nothing to draw. */
export const nothingToDraw = 'No incident of this period has one.';

export interface Cell {
	readonly text: string;
	readonly href?: string | undefined;
}

/** The same numbers as a table. The first cell of a row is its heading. */
export interface Table {
	readonly head: readonly string[];
	readonly rows: readonly (readonly Cell[])[];
}

/** A chart: what it shows in a sentence, the picture, and the same numbers as a table. */
export interface Chart {
	readonly title: string;
	readonly sentence: string;
	/** Null where there is nothing to draw, as the sentence says; then the table stays away too. */
	readonly drawing: Drawing | null;
	readonly table: Table;
	/** Severities that the picture tells apart by colour and pattern. */
	readonly legend?: readonly SeverityName[];
}
