/** The bytes are not a well-formed message: whoever sent them is at fault. */
export class Malformed extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'Malformed';
	}
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** So many bytes are read faster here than by the decoder. */
const shortText = 32;

/** Reads lib0's encodings out of hostile bytes: every length is checked against what is really there. */
export class Reader {
	readonly bytes: Uint8Array;
	at: number;

	constructor(bytes: Uint8Array, at = 0) {
		this.bytes = bytes;
		this.at = at;
	}

	get left(): number {
		return this.bytes.length - this.at;
	}

	uint8(): number {
		const byte = this.bytes[this.at];
		if (byte === undefined) throw new Malformed('The message ends too early.');
		this.at += 1;
		return byte;
	}

	/** An unsigned number of up to 53 bits, seven bits a byte. In a longer one lib0 would read NaN. */
	varUint(): number {
		let value = 0;
		for (let unit = 1; unit < 2 ** 53; unit *= 0x80) {
			const byte = this.uint8();
			value += (byte & 0x7f) * unit;
			if (value > Number.MAX_SAFE_INTEGER) break;
			if (byte < 0x80) return value;
		}
		throw new Malformed('A number is too large.');
	}

	/** A signed number, six bits in its first byte and seven in each further one. */
	varInt(): number {
		let byte = this.uint8();
		const sign = byte & 0x40 ? -1 : 1;
		let value = byte & 0x3f;
		for (let unit = 0x40; byte >= 0x80; unit *= 0x80) {
			if (unit >= 2 ** 53) throw new Malformed('A number is too large.');
			byte = this.uint8();
			value += (byte & 0x7f) * unit;
		}
		if (value > Number.MAX_SAFE_INTEGER) throw new Malformed('A number is too large.');
		return sign * value;
	}

	/** A number of four or eight bytes, the highest first (IEEE 754). */
	float(size: 4 | 8): number {
		const from = this.at;
		this.skip(size);
		const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + from, size);
		return size === 4 ? view.getFloat32(0) : view.getFloat64(0);
	}

	skip(length: number): void {
		if (length > this.left) throw new Malformed('The message ends too early.');
		this.at += length;
	}

	/** A length-prefixed part of the message, without copying it. */
	varBytes(): Uint8Array {
		const length = this.varUint();
		const from = this.at;
		this.skip(length);
		return this.bytes.subarray(from, this.at);
	}

	varString(): string {
		const from = this.#skipText();
		const isShort = this.at - from <= shortText && this.#isAscii(from);
		if (!isShort) return this.#decode(from);
		let text = '';
		for (let i = from; i < this.at; i++) text += String.fromCharCode(this.bytes[i] ?? 0);
		return text;
	}

	/** Skips a text and gives its length in UTF-16 units. */
	textLength(): number {
		const from = this.#skipText();
		return this.#isAscii(from) ? this.at - from : this.#decode(from).length;
	}

	/** Skips a length-prefixed part and gives where it began. */
	#skipText(): number {
		const length = this.varUint();
		const from = this.at;
		this.skip(length);
		return from;
	}

	#isAscii(from: number): boolean {
		for (let i = from; i < this.at; i++) if ((this.bytes[i] ?? 0) >= 0x80) return false;
		return true;
	}

	#decode(from: number): string {
		try {
			return utf8.decode(this.bytes.subarray(from, this.at));
		} catch {
			throw new Malformed('A text is not UTF-8.');
		}
	}

	/** Says that nothing may follow. */
	end(): void {
		if (this.left > 0) throw new Malformed('Bytes are left over.');
	}
}
