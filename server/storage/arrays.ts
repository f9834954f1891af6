import type { PostgresType } from 'postgres';

/** The array types that our statements use, by their ids in every PostgreSQL. */
const oids = { text: 1009, int8: 1016, uuid: 2951 } as const;

/**
 * How lists of one dimension are read and written. postgres.js would ask the server for all types at
 * every connection, and end the process when that connection is lost meanwhile.
 */
export const arrayTypes = {
	texts: arrayType(oids.text, String),
	numbers: arrayType(oids.int8, Number),
	uuids: arrayType(oids.uuid, String),
};

function arrayType<T extends string | number>(
	oid: number,
	read: (text: string) => T,
): PostgresType<readonly (T | null)[]> {
	return {
		to: oid,
		from: [oid],
		serialize: (list: readonly (T | null)[]) => `{${list.map(writeElement).join(',')}}`,
		parse: (text: string) => readElements(text).map((one) => (one === null ? null : read(one))),
	};
}

function writeElement(element: string | number | null): string {
	if (element === null) return 'null';
	return `"${String(element).replace(/["\\]/g, '\\$&')}"`;
}

function readElements(text: string): (string | null)[] {
	const elements = text.matchAll(/"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs);
	return Array.from(elements, ([, quoted, bare]) => {
		if (quoted !== undefined) return quoted.replace(/\\(.)/gs, '$1');
		return bare === undefined || bare === 'NULL' ? null : bare;
	});
}
