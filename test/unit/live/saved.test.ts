import { describe, expect, test } from 'vitest';
import { savedOf, type Transit } from '../../../src/lib/live/saved.ts';

const now = Date.UTC(2026, 10, 24, 3, 2);
const calm: Transit = {
	now,
	unacked: 0,
	oldestUnackedSince: null,
	downSince: null,
	isCaughtUp: true,
	storeAwaySince: null,
	isOnline: true,
	backInSync: null,
	readOnly: null,
	refusal: null,
	isOutdated: false,
};
const text = (change: Partial<Transit>) => savedOf({ ...calm, ...change }).text;
const state = (change: Partial<Transit>) => savedOf({ ...calm, ...change }).state;

describe('the saved indicator', () => {
	test('says Saved when everything is confirmed', () => {
		expect(text({})).toBe('● Saved');
	});

	test('does not flicker for a change that is under way for less than 0.8 s', () => {
		expect(state({ unacked: 1, oldestUnackedSince: now - 700 })).toBe('saved');
		expect(text({ unacked: 1, oldestUnackedSince: now - 900 })).toBe('◌ Saving…');
	});

	test('names the changes on this device when the server is silent for 5 s', () => {
		expect(text({ unacked: 3, oldestUnackedSince: now - 5_001 })).toBe(
			'▲ Not on the server yet — 3 changes kept on this device',
		);
		expect(text({ unacked: 1, oldestUnackedSince: now - 5_001 })).toContain('1 change kept');
	});

	test('is at risk after 5 s without a connection, offline after 9', () => {
		expect(state({ downSince: now - 4_000, isCaughtUp: false })).toBe('catchingUp');
		expect(state({ downSince: now - 6_000, isCaughtUp: false })).toBe('atRisk');
		expect(text({ downSince: now - 240_000, isCaughtUp: false, unacked: 3 })).toBe(
			'▲ Offline since 02:58 — keep working, 3 changes kept here',
		);
	});

	test('says after 1.5 s that the server cannot save, also to somebody who typed nothing', () => {
		expect(state({ storeAwaySince: now - 1_000 })).toBe('saved');
		expect(state({ storeAwaySince: now - 1_600 })).toBe('atRisk');
		expect(text({ storeAwaySince: now - 240_000 })).toContain('Not saved since 02:58');
		expect(state({ storeAwaySince: now - 1_600, downSince: now - 1_000 })).not.toBe('atRisk');
	});

	test('is offline at once when the browser has no network', () => {
		expect(state({ isOnline: false })).toBe('offline');
	});

	test('never says Saved while a connection has not caught up', () => {
		expect(text({ isCaughtUp: false })).toBe('◌ Catching up…');
	});

	test('says for five seconds that it is back in sync', () => {
		const backInSync = { at: now - 1_000, entries: 41 };
		expect(text({ backInSync })).toBe('✓ Back in sync 03:01, 41 entries came');
		expect(text({ backInSync: { ...backInSync, at: now - 6_000 } })).toBe('● Saved');
	});

	test('says why nothing can be changed', () => {
		expect(text({ readOnly: 'you are a viewer here.' })).toBe('Read-only: you are a viewer here.');
	});

	test('says that the page is outdated, and what of it is kept, before any other trouble', () => {
		const outdated = { isOutdated: true, isOnline: false, downSince: now - 60_000 };
		expect(state(outdated)).toBe('outdated');
		expect(text(outdated)).toBe('▲ Muster was updated. Load this page again.');
		expect(text({ ...outdated, unacked: 1 })).toContain('again. 1 change kept on this device.');
	});

	test('shows a refusal before anything else, with what is kept', () => {
		const refused = savedOf({
			...calm,
			refusal: 'You are signed out.',
			unacked: 3,
			isOnline: false,
		});
		expect(refused).toEqual({ state: 'refused', text: '✕ You are signed out.', kept: 3 });
	});
});
