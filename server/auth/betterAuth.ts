import type { Auth, BetterAuthOptions } from 'better-auth';
import { getAdapter } from 'better-auth/db/adapter';
import { betterAuth } from 'better-auth/minimal';
import { Kysely } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import type { Sql } from 'postgres';
import { addressHeader } from '#server/http/address.ts';
import { limits } from '#server/limits.ts';
import type { SessionCookie } from './cookie.ts';
import { withHiddenTokens } from './hiddenTokens.ts';
import type { Passwords } from './passwords.ts';
import { newSecret } from './secrets.ts';

export interface BetterAuthParts {
	readonly sql: Sql;
	/** Signs the cookies. */
	readonly secret: string;
	readonly publicUrl: string;
	readonly cookie: SessionCookie;
	readonly passwords: Passwords;
}

/** better-auth's tables under our names (migration 0003). */
const tables = {
	user: {
		modelName: 'people',
		fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
	},
	session: {
		modelName: 'sessions',
		fields: {
			userId: 'person',
			token: 'digest',
			ipAddress: 'address',
			userAgent: 'user_agent',
			createdAt: 'created_at',
			updatedAt: 'seen_at',
			expiresAt: 'expires_at',
		},
	},
	account: {
		modelName: 'credentials',
		fields: {
			userId: 'person',
			providerId: 'provider',
			accountId: 'account',
			accessToken: 'access_token',
			refreshToken: 'refresh_token',
			idToken: 'id_token',
			accessTokenExpiresAt: 'access_token_expires_at',
			refreshTokenExpiresAt: 'refresh_token_expires_at',
			createdAt: 'created_at',
			updatedAt: 'updated_at',
		},
	},
} as const satisfies BetterAuthOptions;

type Options = ReturnType<typeof optionsOf> & Pick<BetterAuthOptions, 'database'>;
export type BetterAuth = Auth<Options>;

/**
 * better-auth over our tables. It checks passwords and makes sessions. Who a session belongs to is
 * asked with one statement of ours instead (identity.ts): better-auth's own takes two, cannot end
 * a session that is idle without writing at every request, and wants to set a cookie at a
 * websocket's upgrade. Accounts are made by ours too: the person, the password and the
 * invitation's end are one transaction, which better-auth's sign-up is not.
 */
export async function openBetterAuth(parts: BetterAuthParts): Promise<BetterAuth> {
	const options = optionsOf(parts);
	const kysely = new Kysely({ dialect: new PostgresJSDialect({ postgres: parts.sql }) });
	const store = await getAdapter({ ...options, database: { db: kysely, type: 'postgres' } });
	const auth = betterAuth<Options>({ ...options, database: () => withHiddenTokens(store) });
	await auth.$context;
	return auth;
}

function optionsOf({ secret, publicUrl, cookie, passwords }: BetterAuthParts) {
	return {
		...tables,
		appName: 'Muster',
		baseURL: publicUrl,
		secret,
		telemetry: { enabled: false },
		// What goes wrong is thrown to us, and logged where it is answered.
		logger: { disabled: true },
		session: {
			...tables.session,
			expiresIn: limits.sessionMostMs / 1_000,
			disableSessionRefresh: true,
		},
		emailAndPassword: {
			enabled: true,
			disableSignUp: true,
			minPasswordLength: limits.passwordLeast,
			maxPasswordLength: limits.passwordMost,
			password: {
				hash: (password) => passwords.hash(password),
				verify: ({ password, hash }) => passwords.isRight(password, hash),
			},
		},
		// Its own tokens have 190 bits.
		databaseHooks: {
			session: { create: { before: async () => ({ data: { token: newSecret() } }) } },
		},
		advanced: {
			database: { generateId: 'uuid' },
			ipAddress: { ipAddressHeaders: [addressHeader], ipv6Subnet: 128 },
			// It knows the prefix __Secure- only; ours says `secure` itself.
			useSecureCookies: false,
			cookies: {
				session_token: { name: cookie.name, attributes: { secure: cookie.isSecure } },
			},
		},
	} satisfies BetterAuthOptions;
}
