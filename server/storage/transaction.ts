import type { Sql, TransactionSql } from 'postgres';
import { isStoreAway } from './away.ts';

export type Work = (tx: TransactionSql) => Promise<unknown>;

/** Whether a transaction has lost its connection. */
interface Line {
	isLost: boolean;
}

/**
 * A transaction that may lose its connection, also while it waits for something else than the store: it fails
 * then. postgres.js 3.4 would write to the lost connection what is asked next, COMMIT or ROLLBACK too, which ends the
 * process. So what is asked after the loss fails by itself, and what comes of the work is not heard any more.
 */
export function begin(sql: Sql, options: string, work: Work): Promise<unknown> {
	const line: Line = { isLost: false };
	const transaction = sql.begin(options, (tx) => unlessLost(work(whileThere(tx, line)), line));
	// It fails as soon as its connection is closed, whatever its work waits for.
	transaction.catch(() => (line.isLost = true));
	return transaction;
}

async function unlessLost<T>(work: Promise<T>, line: Line): Promise<T> {
	const nothing = new Promise<never>(() => undefined);
	try {
		const done = await work;
		return line.isLost ? await nothing : done;
	} catch (error) {
		if (line.isLost || isStoreAway(error)) return nothing;
		throw error;
	}
}

function whileThere(tx: TransactionSql, line: Line): TransactionSql {
	const watch = <T>(query: T): T => {
		// A query runs once its own `then` is called; this is the one that it inherits.
		if (query instanceof Promise) {
			void Promise.prototype.then.call(query, undefined, (error) => {
				line.isLost ||= isStoreAway(error);
			});
		}
		return query;
	};
	const unsafe: TransactionSql['unsafe'] = (...given) => {
		if (line.isLost) throw lost();
		return watch(tx.unsafe(...given));
	};
	return new Proxy(tx, {
		apply(_tx, _this, given: unknown[]) {
			if (line.isLost && isStatement(given)) throw lost();
			return watch(Reflect.apply(tx, undefined, given) as unknown);
		},
		get: (_tx, name) => (name === 'unsafe' ? unsafe : (Reflect.get(tx, name) as unknown)),
	});
}

/** Whether it is written as a template, and not a name or a list of values for one. */
function isStatement([strings]: unknown[]): boolean {
	return Array.isArray(strings) && 'raw' in strings;
}

function lost(): Error {
	return Object.assign(new Error('The connection of this transaction is lost.'), {
		code: 'CONNECTION_CLOSED',
	});
}
