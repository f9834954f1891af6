import { z } from '@hono/zod-openapi';

/** Whether a list shows only the first of what there is. */
export const hasMoreField = z.boolean().openapi({ description: 'There are more than are listed' });

/** Rows up to a limit, and whether there are more: one more than is shown is asked for. */
export async function cutAt<Row>(
	most: number,
	read: (most: number) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly hasMore: boolean }> {
	const rows = await read(most + 1);
	return { rows: rows.slice(0, most), hasMore: rows.length > most };
}
