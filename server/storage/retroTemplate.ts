import type { ISql } from 'postgres';
import type { PersonId } from '#core/ids.ts';
import type { TemplateSection } from '#core/retro/template.ts';

/** The sections that an admin has chosen for new retrospectives; null while nobody has. */
export async function readTemplate(sql: ISql): Promise<readonly TemplateSection[] | null> {
	const [row] = await sql<{ sections: readonly TemplateSection[] }[]>`
		select sections from retro_template`;
	return row?.sections ?? null;
}

/** New retrospectives begin with these sections from now on. */
export async function writeTemplate(
	sql: ISql,
	sections: readonly TemplateSection[],
	by: PersonId,
): Promise<void> {
	await sql`
		insert into retro_template (sections, changed_by)
		values (${JSON.stringify(sections)}::text::jsonb, ${by})
		on conflict (id) do update set
			sections = excluded.sections, changed_by = excluded.changed_by, changed_at = now()`;
}

/** New retrospectives begin with Muster's own sections again. */
export async function dropTemplate(sql: ISql): Promise<void> {
	await sql`delete from retro_template`;
}
