import { z } from '@hono/zod-openapi';
import { accesses } from '#core/response/access.ts';
import { isPlainText } from '#core/wire.ts';
import { limits } from '#server/limits.ts';

/** One line in which something can be seen. */
const isLine = (text: string): boolean =>
	!/\p{Cc}/u.test(text) && /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);

/** A person's or token's name, trimmed, 1 to 100 characters. */
export const nameField = z
	.string()
	.trim()
	.min(1, 'A name is needed.')
	.max(100, 'A name has at most 100 characters.')
	.refine((text) => isPlainText(text) && isLine(text), 'This is not a name that can be read.');

/** An e-mail address in lower case, the form in which it is compared. */
export const emailField = z
	.string()
	.trim()
	.toLowerCase()
	.max(254, 'An e-mail address has at most 254 characters.')
	.pipe(z.email('This is not an e-mail address.'));

const { passwordLeast, passwordMost } = limits;

/** A password that somebody chooses. */
const newPasswordField = z
	.string()
	.min(passwordLeast, `A password has at least ${passwordLeast} characters.`)
	.max(passwordMost, `A password has at most ${passwordMost} characters.`)
	.refine(isPlainText, 'This password holds characters that cannot be typed.');

/** What somebody who is new says of themselves. */
export const accountFields = { name: nameField, email: emailField, password: newPasswordField };

/** A password that somebody types to sign in. */
export const passwordField = z
	.string()
	.min(1, 'A password is needed.')
	.max(passwordMost, `A password has at most ${passwordMost} characters.`);

/** The secret part of a link. A wrong one is for the door to refuse, not for the form. */
export const linkToken = z.string().max(200);

export const accessField = z.enum(accesses, 'Access is viewer, responder or admin.');

/** Somebody, as everybody here may see them. */
export const person = z
	.object({
		id: z.uuid(),
		name: z.string(),
		kind: z.enum(['user', 'token', 'system']),
		access: z.enum(accesses),
	})
	.openapi('Person');
