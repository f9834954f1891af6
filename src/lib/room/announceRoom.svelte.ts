import { untrack } from 'svelte';
import type { RecordPart, TimelineItem } from '#core/incident/reading.ts';
import type { LiveIncident } from '$lib/live/LiveIncident.svelte.ts';
import type { Announcer } from '$lib/ui/announcer.svelte.ts';
import { isWorse, newsOf, rolesGiven } from './news.ts';
import { Unseen } from './Unseen.svelte.ts';

const lostMs = 10_000;

/** Tells who does not see the room what happens in it. Call it where effects may be made. */
export function announceRoom(live: LiveIncident, announcer: Announcer): void {
	const unseen = new Unseen();
	let untold: readonly string[] = [];
	let before: RecordPart = live.record;

	$effect(() => {
		const { timeline, record } = live;
		untrack(() => {
			const { theirs } = unseen.take(timeline, (item) => live.isMine(item));
			const added = timeline.filter(({ id }) => theirs.includes(id));
			if (added.length > 0) tell(added, record);
			before = record;
		});
	});

	/** One sentence for all that came until it is said, but for what cannot wait. */
	function tell(added: readonly TimelineItem[], record: RecordPart): void {
		untold = [...untold, ...added.map(({ id }) => id)];
		announcer.say(() => {
			// Who logged it may have become known since it came.
			const news = live.timeline.filter(({ id }) => untold.includes(id));
			untold = [];
			return newsOf(news, live.people.nameOf);
		}, 'timeline');
		const role = rolesGiven(before, record, live.me.id);
		const severity = added.findLast(({ kind }) => kind === 'severity');
		if (role !== null) announcer.interrupt(`You are ${role} now.`);
		else if (severity && isWorse(record.severity, before.severity)) {
			announcer.interrupt(severity.text);
		}
	}

	const state = $derived(live.saved.state);
	const back = $derived(live.saved.text.startsWith('✓') ? live.saved.text.slice(2) : null);
	$effect(() => {
		if (back !== null) announcer.say(back, 'back in sync');
	});
	$effect(() => {
		if (state !== 'offline' && state !== 'atRisk') return;
		const timer = setTimeout(() => announcer.interrupt(live.saved.text.slice(2)), lostMs);
		return () => clearTimeout(timer);
	});
	$effect(() => {
		if (state === 'outdated') announcer.interrupt(live.saved.text.slice(2));
	});
	$effect(() => {
		const { refusal } = live.session;
		if (refusal !== null) announcer.interrupt(refusal.sentence);
	});
	$effect(() => {
		const { notice } = live.commands;
		if (notice !== null) announcer.say(notice.text, 'notice');
	});
}
