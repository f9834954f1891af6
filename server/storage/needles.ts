import type { ISql, PendingQuery, Row } from 'postgres';
import { removedMark } from '#core/removal/removal.ts';

/** A column with the mark of a removal wherever a text stood in it, as part of a statement. */
export function replaced(sql: ISql, column: string, needle: string): PendingQuery<Row[]> {
	return sql`replace(${sql(column)}, ${needle}, ${removedMark})`;
}
