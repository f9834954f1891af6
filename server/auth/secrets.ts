import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as 43 characters that need no escaping in an address, a header or a cookie. */
export function newSecret(): string {
	return randomBytes(32).toString('base64url');
}

/** What is kept of a secret: SHA-256, which is enough for random ones. */
export function digestOf(secret: string): Buffer {
	return createHash('sha256').update(secret).digest();
}
