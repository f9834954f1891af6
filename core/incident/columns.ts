import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** Byte sequences that are written side by side and kept one behind the other: what is alike lies together. */
export type ColumnWriters<Name extends string> = Readonly<Record<Name, encoding.Encoder>>;
export type ColumnReaders<Name extends string> = Readonly<Record<Name, decoding.Decoder>>;

/** An empty column for each name. */
export function newColumns<Name extends string>(names: readonly Name[]): ColumnWriters<Name> {
	return mapNames(names, () => encoding.createEncoder());
}

/** Writes the columns in the order of their names, each with its length. */
export function writeColumns<Name extends string>(
	encoder: encoding.Encoder,
	names: readonly Name[],
	columns: ColumnWriters<Name>,
): void {
	for (const name of names)
		encoding.writeVarUint8Array(encoder, encoding.toUint8Array(columns[name]));
}

/** Reads what `writeColumns` wrote. Throws on a length that does not fit. */
export function readColumns<Name extends string>(
	decoder: decoding.Decoder,
	names: readonly Name[],
): ColumnReaders<Name> {
	return mapNames(names, () => decoding.createDecoder(readBytes(decoder)));
}

/** Whether every column was read to its end. */
export function areReadOut<Name extends string>(columns: ColumnReaders<Name>): boolean {
	return Object.values<decoding.Decoder>(columns).every((column) => !decoding.hasContent(column));
}

/** Bytes with their length in front; lib0 takes a length at its word, this one must fit what is there. */
export function readBytes(decoder: decoding.Decoder): Uint8Array {
	return readExactly(decoder, decoding.readVarUint(decoder));
}

/** So many bytes. Throws if there are fewer. */
export function readExactly(decoder: decoding.Decoder, length: number): Uint8Array {
	if (length > decoder.arr.length - decoder.pos) throw new Error('Bytes that end too early.');
	return decoding.readUint8Array(decoder, length);
}

function mapNames<Name extends string, T>(
	names: readonly Name[],
	make: () => T,
): Readonly<Record<Name, T>> {
	return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}
