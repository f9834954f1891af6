import type { ISql } from 'postgres';
import type { PersonId } from '#core/ids.ts';

/** What was chosen of a subject; undefined if nothing ever was. */
export async function readSetting(sql: ISql, name: string): Promise<unknown> {
	const [row] = await sql<{ value: unknown }[]>`select value from settings where name = ${name}`;
	return row?.value;
}

/** Chooses for a subject from now on. */
export async function putSetting(
	sql: ISql,
	name: string,
	{ value, by }: { value: object; by: PersonId },
): Promise<void> {
	await sql`
		insert into settings (name, value, changed_by)
		values (${name}, ${JSON.stringify(value)}::text::jsonb, ${by})
		on conflict (name) do update
		set value = excluded.value, changed_by = excluded.changed_by, changed_at = now()`;
}
