import { Refusal } from '#core/refusal.ts';

/** Bytes of a file as text. Throws a `Refusal` that names the first line that is not UTF-8. */
export function readUtf8(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new Refusal('invalid', `Line ${wrongLine(bytes)}: this is not UTF-8.`);
	}
}

/** No byte of a longer sign is a line break, so that lines can be looked at one by one. */
function wrongLine(bytes: Uint8Array): number {
	const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	for (let start = 0, line = 1; ; line++) {
		const end = bytes.indexOf(10, start);
		try {
			decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end));
		} catch {
			return line;
		}
		if (end < 0) return line;
		start = end + 1;
	}
}
