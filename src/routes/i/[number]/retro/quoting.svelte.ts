import { replaceState } from '$app/navigation';
import { resolve } from '$app/paths';
import { page } from '$app/state';
import { tick, untrack } from 'svelte';
import { fullTime } from '#core/time.ts';
import type { LiveRetro } from '$lib/live/LiveRetro.svelte.ts';
import { replayLink } from '$lib/room/momentLink.ts';
import type { Announcer } from '$lib/ui/announcer.svelte.ts';
import type { Desk } from './Desk.svelte.ts';
import { lineWords } from './reportView.ts';

/**
 * Puts into the report what somebody chose in the replay: it comes in the address, and is taken from there once.
 * Call it where effects may be made.
 */
export function quoteFromAddress(live: LiveRetro, desk: Desk, announcer: Announcer): void {
	$effect(() => {
		const at = Date.parse(page.url.searchParams.get('quote') ?? '');
		if (Number.isNaN(at) || !desk.isOpen || !live.session.isLive) return;
		const entry = page.url.searchParams.get('entry');
		untrack(() => void quote(at, entry));
	});

	async function quote(at: number, entry: string | null) {
		const item = live.incident.timeline.find(({ id }) => id === entry);
		const href = replayLink(live.number, { at }) + (item ? `#e-${item.id}` : '');
		const words = item ? ` ${lineWords(item)}` : '';
		desk.quote(`${fullTime(at).slice(11, 19)}${words}`, absolute(href));
		replaceState(resolve(`/i/${live.number}/retro`), page.state);
		await tick();
		announcer.say('The moment is in the retrospective, below its timeline.', 'quote');
	}
}

/** What is linked in the text is also followed from exports and prints. */
export function absolute(href: string): string {
	return new URL(href, location.href).href;
}
