import type { ISql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';

/** Something that was learnt of an incident, in the last published version of its retrospective. */
export interface Lesson {
	readonly id: string;
	readonly text: string;
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
	/** Epoch ms. */
	readonly publishedAt: number | null;
	readonly causes: readonly string[];
}

/**
 * Lessons that hold these words, in any language and in the form in which they stand there; `"quoted"` ones
 * side by side, `-one` not at all. The last published come first. Null finds all.
 */
export async function readLessons(
	sql: ISql,
	{ words, most }: { readonly words: string | null; readonly most: number },
): Promise<readonly Lesson[]> {
	return sql<Lesson[]>`
		select f.id, f.text, f.incident, i.number as "incidentNumber",
			coalesce(p.title, '') as "incidentTitle",
			(extract(epoch from r.published_at) * 1000)::int8 as "publishedAt",
			array(select c.cause from projected_causes c where c.incident = f.incident order by 1) as causes
		from projected_findings f
		join projected_retros r on r.incident = f.incident and r.version > 0
		join incidents i on i.id = f.incident
		left join projected_incidents p on p.incident = f.incident
		where f.kind = 'lesson' and ${
			words === null
				? sql`true`
				: sql`to_tsvector('simple', f.text) @@ websearch_to_tsquery('simple', ${words})`
		}
		order by r.published_at desc nulls last, i.number desc, f.position limit ${most}`;
}
