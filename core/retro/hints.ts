/** Words that judge a person, or judge from hindsight, with a question that leads to the conditions instead. */
export interface Hint {
	/** Where they stand, in UTF-16 units. */
	readonly from: number;
	readonly to: number;
	/** As they are written. */
	readonly words: string;
	readonly question: string;
}

interface Rule {
	readonly pattern: string;
	readonly question: string;
}

const visible = 'What would have made it visible?';
const sensible = 'What made this the sensible thing to do then?';
const possible = 'What in the system made this possible?';

/** A curly apostrophe is one too. */
const not = "(?:n['’]t| not)?";

/** Sources: Dekker, The Field Guide to Understanding “Human Error”; Allspaw, Blameless PostMortems (2012). */
const rules: readonly Rule[] = [
	{
		pattern: `should${not} have|ought${not} to have`,
		question: 'What would have made that the natural thing to do?',
	},
	{ pattern: `could${not} have`, question: 'What was known at that moment, and what was not?' },
	{ pattern: 'fail(?:s|ed|ing)? to|neglect(?:s|ed|ing)? to|omitted to', question: visible },
	{ pattern: "did(?:n['’]t| not) (?:notice|see|realise|realize|bother|think)", question: visible },
	{
		pattern:
			'careless(?:ly|ness)?|negligen(?:t|tly|ce)|sloppy|sloppiness|lazy|reckless(?:ly)?|incompeten(?:t|ce)|stupid(?:ly|ity)?',
		question: sensible,
	},
	{
		pattern: '(?:human|operator|user|pilot) error',
		question: 'How could one step have this effect?',
	},
	{ pattern: 'forg[eo]t(?:s|ten|ting)?|overlooked', question: 'What would have been a reminder?' },
	{
		pattern: '(?:not|without) paying attention|inattenti(?:ve|on)',
		question: 'What else asked for attention at that time?',
	},
	{
		pattern: 'by mistake|mistakenly|accidentally|inadvertently',
		question: 'What made the one look like the other?',
	},
	{
		pattern: 'obvious(?:ly)?|clearly|of course',
		question: 'Was it so at that time, with what the screens showed?',
	},
	{
		pattern:
			'simply|merely|just(?! (?:after|before|over|under|as|about|above|below|now|then|in|at|when)\\b| \\d)',
		question: 'What made it harder than it looks today?',
	},
	{
		pattern: 'blam(?:e|es|ed|ing)|fault of|(?:his|her|their|whose) fault|at fault|guilty|culprits?',
		question: possible,
	},
	{ pattern: 'root cause', question: 'What else had to be as it was?' },
];

const notBefore = '(?<![\\p{L}\\p{N}_])';
const notAfter = '(?![\\p{L}\\p{N}_])';
const ruled = rules.map(({ pattern, question }) => ({
	words: new RegExp(`${notBefore}(?:${pattern})${notAfter}`, 'giu'),
	question,
}));

const nameQuestion = 'Would somebody else have done the same there? Then name what led to it.';
const mention = /(?<![\p{L}\p{N}_.@])@[\p{L}\p{N}][\p{L}\p{N}._-]*/giu;
const shortestName = 3;

/**
 * What a text may be asked back, in its order; nothing overlaps. Names are looked for only where they are
 * given: among what contributed to an incident nobody needs one.
 */
export function hintsIn(text: string, names: readonly string[] = []): readonly Hint[] {
	const found = ruled.flatMap(({ words, question }) => matches(text, words, question));
	if (names.length > 0) {
		found.push(...matches(text, mention, nameQuestion));
		const named = namePattern(names);
		if (named) found.push(...matches(text, named, nameQuestion));
	}
	return withoutOverlaps(found);
}

function matches(text: string, pattern: RegExp, question: string): Hint[] {
	return [...text.matchAll(pattern)].map(({ index, 0: words }) => ({
		from: index,
		to: index + words.length,
		words,
		question,
	}));
}

/** Whole names and first names; short ones are words too often. */
function namePattern(names: readonly string[]): RegExp | null {
	const all = names.flatMap((name) => [name.trim(), name.trim().split(/\s+/)[0] ?? '']);
	const long = [...new Set(all)].filter((name) => [...name].length >= shortestName);
	if (long.length === 0) return null;
	// The longest first, so that “Ada Lovelace” is found whole.
	const either = long.sort((a, b) => b.length - a.length).map(escaped);
	return new RegExp(`${notBefore}(?:${either.join('|')})${notAfter}`, 'giu');
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function withoutOverlaps(found: readonly Hint[]): readonly Hint[] {
	let end = 0;
	return found
		.toSorted((a, b) => a.from - b.from || b.to - a.to)
		.filter((hint) => {
			if (hint.from < end) return false;
			end = hint.to;
			return true;
		});
}
