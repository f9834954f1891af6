const tags = ['h3', 'h3', 'h4', 'h5', 'h6', 'h6'] as const;

/** The element for a heading of the notes, level 1 to 6: the page's own headings are h1 and h2. */
export function headingTag(level: number): (typeof tags)[number] {
	return tags[level - 1] ?? 'h3';
}
