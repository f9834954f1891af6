import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const macLength = 16;

/**
 * Seals what nodes say to each other through Redis with the installation's secret, so that nobody
 * else who reaches Redis can speak for a node. A seal holds for its channel alone.
 */
export class Seal {
	/** Names the installation: two of them may share one Redis and never meet. */
	readonly name: string;
	readonly #key: Buffer;

	constructor(secret: string) {
		this.#key = createHash('sha256').update(`cluster ${secret}`).digest();
		this.name = createHash('sha256').update(this.#key).digest('hex').slice(0, 12);
	}

	/** The message as it travels: 16 bytes of HMAC-SHA-256, then the body. */
	close(channel: string, body: Uint8Array): Buffer {
		return Buffer.concat([this.#mac(channel, body), body]);
	}

	/** The body of a message that one of our nodes sent on this channel; null for any other. */
	open(channel: string, message: Buffer): Buffer | null {
		const mac = message.subarray(0, macLength);
		const body = message.subarray(macLength);
		if (mac.length < macLength || !timingSafeEqual(mac, this.#mac(channel, body))) return null;
		return body;
	}

	/** A text's name that only who has the key can tell from others. */
	digest(text: string): string {
		return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, 22);
	}

	#mac(channel: string, body: Uint8Array): Buffer {
		const mac = createHmac('sha256', this.#key).update(channel).update('\0').update(body).digest();
		return mac.subarray(0, macLength);
	}
}
