import type { DBAdapter } from 'better-auth';
import { digestOf } from './secrets.ts';

/** What better-auth asks of its store, as far as sessions' tokens are concerned. */
interface Question {
	readonly model: string;
	readonly where?: readonly { readonly field: string; readonly value: unknown }[];
	readonly data?: Readonly<Record<string, unknown>>;
	readonly update?: Readonly<Record<string, unknown>>;
}
type Ask = (question: Question) => Promise<unknown>;

const questions = [
	'create',
	'findOne',
	'findMany',
	'update',
	'updateMany',
	'delete',
	'deleteMany',
	'consumeOne',
	'incrementOne',
	'count',
] as const;

/**
 * better-auth's store with the tokens of sessions kept as SHA-256: better-auth itself keeps them
 * as they are, so that a copy of the database would open every session. Who asks with a token is
 * answered with it.
 */
export function withHiddenTokens(store: DBAdapter): DBAdapter {
	const hiding = questions.map((name) => [name, hideIn(store[name] as unknown as Ask)] as const);
	return {
		...store,
		...(Object.fromEntries(hiding) as unknown as Partial<DBAdapter>),
		transaction: (run) =>
			store.transaction((inner) => run(withHiddenTokens({ ...store, ...inner }))),
	};
}

function hideIn(ask: Ask): Ask {
	return async (question) => {
		if (question.model !== 'session') return ask(question);
		const known = new Map<unknown, string>();
		const hide = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(hide);
			if (typeof value !== 'string') return value;
			const digest = digestOf(value).toString('hex');
			known.set(digest, value);
			return digest;
		};
		const hideToken = <T extends object>(row: T): T =>
			'token' in row ? { ...row, token: hide(row.token) } : row;
		const answer = await ask({
			...question,
			...(question.where && {
				where: question.where.map((one) =>
					one.field === 'token' ? { ...one, value: hide(one.value) } : one,
				),
			}),
			...(question.data && { data: hideToken(question.data) }),
			...(question.update && { update: hideToken(question.update) }),
		});
		return Array.isArray(answer)
			? answer.map((row) => revealIn(row, known))
			: revealIn(answer, known);
	};
}

function revealIn(row: unknown, known: ReadonlyMap<unknown, string>): unknown {
	if (typeof row !== 'object' || row === null || !('token' in row)) return row;
	const token = known.get(row.token);
	return token === undefined ? row : { ...row, token };
}
