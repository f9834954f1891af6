/** The bytes are not a well-formed message: whoever sent them is at fault. */
export class Malformed extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'Malformed';
	}
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads lib0's encodings out of hostile bytes: every length is checked against what is really there. */
export class Reader {
	readonly bytes: Uint8Array;
	at = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
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

	/** Skips a signed number. */
	varInt(): void {
		let length = 1;
		while (this.uint8() >= 0x80) {
			length += 1;
			if (length > 8) throw new Malformed('A number is too large.');
		}
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
		const bytes = this.varBytes();
		try {
			return utf8.decode(bytes);
		} catch {
			throw new Malformed('A text is not UTF-8.');
		}
	}

	/** Says that nothing may follow. */
	end(): void {
		if (this.left > 0) throw new Malformed('Bytes are left over.');
	}
}
