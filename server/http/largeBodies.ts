import { HTTPException } from 'hono/http-exception';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';

/** A body that a route reads itself, once it is known who sends it. */
export interface LargeBody {
	/** The content types that it may have. Forms of other sites can send none of them unasked. */
	readonly types: readonly string[];
	readonly bytes: number;
	/** What is said of one that is larger. */
	readonly tooLarge: string;
}

export const archiveBody: LargeBody = {
	types: ['application/zip'],
	bytes: limits.bundleBytes,
	tooLarge: 'The archive is larger than 20 MiB.',
};

export const historyBody: LargeBody = {
	types: ['application/json', 'application/x-ndjson', 'text/csv'],
	bytes: limits.historyFileBytes,
	tooLarge: 'The file is larger than 10 MiB. Split it.',
};

/** Refuses what says beforehand that it is too large. */
export function refuseTooLarge({ headers }: Request, { bytes, tooLarge }: LargeBody): void {
	if (Number(headers.get('content-length') ?? 0) > bytes) throw new Refusal('tooLarge', tooLarge);
}

/** The bytes of such a body. Throws a `Refusal` if there are too many. */
export async function readLarge(
	{ body }: Request,
	{ bytes, tooLarge }: LargeBody,
): Promise<Uint8Array> {
	if (!body) throw new HTTPException(400, { message: 'The body is missing.' });
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > bytes) throw new Refusal('tooLarge', tooLarge);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
