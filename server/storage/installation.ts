import type { ISql, TransactionSql } from 'postgres';

/** The secret that signs session cookies, the same on all nodes and after every restart. */
export async function readSecret(sql: ISql): Promise<string> {
	const [row] = await sql<[{ secret: string }]>`select secret from installation`;
	return row.secret;
}

/** Lets one transaction at a time decide what concerns the installation as a whole. */
export async function lockInstallation(tx: TransactionSql): Promise<void> {
	await tx`select from installation for update`;
}
