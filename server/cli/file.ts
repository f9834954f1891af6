import { readFile } from 'node:fs/promises';
import { Failure } from './remote.ts';

/** A file's bytes. Throws a `Failure` that names it. */
export async function bytesOf(file: string): Promise<Buffer<ArrayBuffer>> {
	try {
		return await readFile(file);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		throw new Failure(`${file} cannot be read (${code}).`);
	}
}
