import type { Sql, TransactionSql } from 'postgres';

/** Asks several questions of the same moment, with room to sort what they need sorted. */
export async function asOneMoment<T>(
	sql: Sql,
	ask: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
	const answer = await sql.begin('isolation level repeatable read read only', async (tx) => {
		await tx`set local work_mem = '64MB'`;
		return ask(tx);
	});
	return answer as T;
}
