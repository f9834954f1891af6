import type { Sql, TransactionSql } from 'postgres';

/** Asks several questions of the same moment, with room to sort what they need sorted. */
export async function asOneMoment<T>(
	sql: Sql,
	ask: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
	const answer = await sql.begin('isolation level repeatable read read only', async (tx) => {
		await tx`set local work_mem = '64MB'`;
		// What is asked often is in memory: looking a row up costs little there.
		await tx`set local random_page_cost = 1.1`;
		// It makes room for far more rows than come.
		await tx`set local enable_memoize = off`;
		// How much there is depends on the period and the filters: a plan for all of them is a plan for none.
		await tx`set local plan_cache_mode = force_custom_plan`;
		return ask(tx);
	});
	return answer as T;
}
