/** The cookie that a session lives in. */
export interface SessionCookie {
	readonly name: string;
	readonly isSecure: boolean;
}

/** Over https no other site of the domain, and no eavesdropper, can set or read it. */
export function sessionCookieFor(publicUrl: string): SessionCookie {
	const isSecure = publicUrl.startsWith('https://');
	return { name: isSecure ? '__Host-muster' : 'muster', isSecure };
}

/**
 * The session's token in a `Cookie` header. The signature that better-auth puts behind it is not
 * looked at: it says nothing about 256 random bits that the store does not say better.
 */
export function readSessionCookie(header: string, cookie: SessionCookie): string | null {
	const start = `${cookie.name}=`;
	const pair = header.split(';').find((one) => one.trimStart().startsWith(start));
	const token = pair?.trim().slice(start.length).split('.')[0] ?? '';
	return /^[\w-]{43}$/.test(token) ? token : null;
}

/** A `Set-Cookie` that takes the session's cookie away. */
export function clearSessionCookie(cookie: SessionCookie): string {
	const secure = cookie.isSecure ? '; Secure' : '';
	return `${cookie.name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax${secure}`;
}
