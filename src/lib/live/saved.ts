import { whyOutdated } from '#core/protocol.ts';
import { clockTime } from '#core/time.ts';

/** What is known of my changes and of the way to the server. Instants are epoch ms. */
export interface Transit {
	readonly now: number;
	/** Changes of mine that the server has not confirmed. */
	readonly unacked: number;
	readonly oldestUnackedSince: number | null;
	/** Since when there is no connection; null while there is one. */
	readonly downSince: number | null;
	/** Whether this connection's first exchange is through, both ways, and confirmed. */
	readonly isCaughtUp: boolean;
	/** Since when the server takes changes but cannot save them; null while it can. */
	readonly storeAwaySince: number | null;
	/** Whether the browser says that it has a network. */
	readonly isOnline: boolean;
	/** When this page caught up again after an interruption, with what came meanwhile. */
	readonly backInSync: { readonly at: number; readonly entries: number } | null;
	/** Why I may not change anything, or null. */
	readonly readOnly: string | null;
	/** Why the server turned this copy away for good, or null. */
	readonly refusal: string | null;
	/** Whether this page is too old for the server, or too new. */
	readonly isOutdated: boolean;
}

/** Where my changes are, for the one indicator that says so. */
export interface Saved {
	readonly state:
		'saved' | 'saving' | 'atRisk' | 'offline' | 'catchingUp' | 'readOnly' | 'outdated' | 'refused';
	/** Starts with a sign, so that the words never depend on a colour. */
	readonly text: string;
	/** Changes of mine that are on this device alone. */
	readonly kept: number;
}

const savingAfterMs = 800;
const atRiskAfterMs = 5_000;
const offlineAfterMs = 9_000;
const backInSyncMs = 5_000;
const storeAwayAfterMs = 1_500;

/** The indicator's state. It says *Saved* only when the server has confirmed everything. */
export function savedOf(transit: Transit): Saved {
	const kept = transit.unacked;
	return { ...stateOf(transit), kept };
}

function stateOf(transit: Transit): Omit<Saved, 'kept'> {
	const { now, unacked, oldestUnackedSince, downSince } = transit;
	const changes = `${unacked} ${unacked === 1 ? 'change' : 'changes'}`;
	const downMs = downSince === null ? 0 : now - downSince;
	const unackedMs = oldestUnackedSince === null ? 0 : now - oldestUnackedSince;
	if (transit.refusal !== null) return { state: 'refused', text: `✕ ${transit.refusal}` };
	if (transit.isOutdated) {
		const kept = unacked > 0 ? ` ${changes} kept on this device.` : '';
		return { state: 'outdated', text: `▲ ${whyOutdated}${kept}` };
	}
	if (!transit.isOnline || downMs > offlineAfterMs) {
		return { state: 'offline', text: offlineText(transit, changes) };
	}
	const away = transit.storeAwaySince;
	if (away !== null && downSince === null && now - away > storeAwayAfterMs) {
		return { state: 'atRisk', text: storeAwayText(away) };
	}
	if (unackedMs > atRiskAfterMs || downMs > atRiskAfterMs) {
		return { state: 'atRisk', text: atRiskText(transit, changes) };
	}
	if (transit.readOnly !== null && unacked === 0) {
		return { state: 'readOnly', text: `Read-only: ${transit.readOnly}` };
	}
	if (!transit.isCaughtUp) return { state: 'catchingUp', text: '◌ Catching up…' };
	if (unacked > 0 && unackedMs > savingAfterMs) return { state: 'saving', text: '◌ Saving…' };
	const back = transit.backInSync;
	if (back && now - back.at < backInSyncMs) {
		const entries = back.entries === 1 ? '1 entry' : `${back.entries} entries`;
		const news = back.entries > 0 ? `, ${entries} came` : '';
		return { state: 'catchingUp', text: `✓ Back in sync ${clockTime(back.at)}${news}` };
	}
	return { state: 'saved', text: '● Saved' };
}

function offlineText({ now, unacked, downSince }: Transit, changes: string): string {
	const since = clockTime(downSince ?? now);
	return unacked > 0
		? `▲ Offline since ${since} — keep working, ${changes} kept here`
		: `▲ Offline since ${since} — keep working, changes are kept here`;
}

function storeAwayText(since: number): string {
	return `▲ Not saved since ${clockTime(since)}: the database is away — all see your changes, and they are kept`;
}

function atRiskText({ unacked }: Transit, changes: string): string {
	return unacked > 0
		? `▲ Not on the server yet — ${changes} kept on this device`
		: '▲ Not connected — changes are kept on this device';
}
