import { measureInsights } from '../support/insightsCost.ts';
import { printRow, type Goal } from './report.ts';

/** What the figures over so many incidents of ten years take, each question by itself, and the page; warm. */
export async function insightsGoals(incidents: number): Promise<Goal[]> {
	const goals: Goal[] = [];
	console.log(`\n${incidents.toLocaleString('en')} incidents of ten years, in ms`);
	printRow(' '.repeat(30), ['slowest', 'which', 'all of it']);
	for await (const { what, slowest, which, whole } of measureInsights(incidents)) {
		printRow(what.padEnd(30), [slowest.toFixed(0), which, whole.toFixed(0)]);
		goals.push(
			which === 'page'
				? { what: `the ${what}`, is: whole, atMost: 1_000, unit: 'ms' }
				: { what: `${what}: its slowest query`, is: slowest, atMost: 300, unit: 'ms' },
		);
	}
	return goals;
}
