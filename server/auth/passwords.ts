import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';

const argon2id = promisify((parameters: Argon2Parameters, done: Done) =>
	argon2('argon2id', parameters, done),
);
type Done = (error: Error | null, key: Buffer) => void;

/** Of the settings that OWASP's password storage cheat sheet recommends; memory in KiB. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

interface Bounds {
	/** Hashes that are made at once, and that wait for their turn. */
	readonly atOnce: number;
	readonly waiting: number;
}

/** Hashes passwords with Argon2id, a few at a time: a flood of sign-ins must not slow the rooms. */
export class Passwords {
	readonly #bounds: Bounds;
	#running = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(bounds: Bounds = { atOnce: limits.hashesAtOnce, waiting: limits.hashesWaiting }) {
		this.#bounds = bounds;
	}

	/** A PHC string (https://github.com/P-H-C/phc-string-format). Throws a `Refusal` in a flood. */
	async hash(password: string): Promise<string> {
		const nonce = randomBytes(16);
		const key = await this.#derive({ ...cost, message: bytesOf(password), nonce });
		const { memory, passes, parallelism } = cost;
		return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(key)}`;
	}

	/** Whether this is the password that was hashed. Throws a `Refusal` in a flood. */
	async isRight(password: string, hash: string): Promise<boolean> {
		const [, memory, passes, parallelism, nonce, key] = phc.exec(hash) ?? [];
		if (nonce === undefined || key === undefined) throw new Error('a password hash is malformed');
		const expected = Buffer.from(key, 'base64');
		const actual = await this.#derive({
			memory: Number(memory),
			passes: Number(passes),
			parallelism: Number(parallelism),
			tagLength: expected.length,
			message: bytesOf(password),
			nonce: Buffer.from(nonce, 'base64'),
		});
		return timingSafeEqual(actual, expected);
	}

	async #derive(parameters: Argon2Parameters): Promise<Buffer> {
		if (this.#running >= this.#bounds.atOnce) await this.#turn();
		else this.#running += 1;
		try {
			return await argon2id(parameters);
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#running -= 1;
		}
	}

	#turn(): Promise<void> {
		if (this.#waiting.length >= this.#bounds.waiting) {
			throw new Refusal('tooMany', 'Many people are signing in right now. Try again in a moment.');
		}
		return new Promise((resolve) => this.#waiting.push(resolve));
	}
}

/** The same password typed on another keyboard may come composed differently. */
function bytesOf(password: string): Buffer {
	return Buffer.from(password.normalize('NFKC'));
}

/** PHC strings have base64 without padding. */
function base64(bytes: Buffer): string {
	return bytes.toString('base64').replace(/=+$/, '');
}
