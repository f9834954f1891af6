/** How many people share one room, and how much they type together. */
export interface Scenario {
	readonly name: string;
	readonly people: number;
	readonly editsPerSecond: number;
	readonly rounds: number;
	/** Whether the goals of ARCHITECTURE.md are checked here; the others are for orientation. */
	readonly isJudged: boolean;
}

export const warmUpMs = 1_500;
export const measureMs = 5_000;

export const scenarios: readonly Scenario[] = [
	{
		name: '30 people × 5 edits/s',
		people: 30,
		editsPerSecond: 150,
		rounds: 4,
		isJudged: true,
	},
	{ name: '30 people, 50 edits/s', people: 30, editsPerSecond: 50, rounds: 2, isJudged: false },
	{ name: '100 people, 100 edits/s', people: 100, editsPerSecond: 100, rounds: 2, isJudged: false },
];

/** The goals: milliseconds, and ratios to Hocuspocus in the same run. */
export const goals = {
	p50: 4,
	p99: 25,
	latencyRatio: 2,
	cpuRatio: 1.1,
	coldStartMs: 3_000,
	roomBytes: 140 * 1024,
	boardBytes: 60 * 1024,
} as const;
