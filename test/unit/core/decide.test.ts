import { describe, expect, test } from 'vitest';
import { factsWithKey, lostClaim } from '#core/incident/decide.ts';
import { Refusal } from '#core/refusal.ts';
import { ada, grace, linus, TestRecord } from '../../support/record.ts';

const minute = 60_000;

describe('declaring', () => {
	test('an incident with a title alone is investigated, its severity not set, its declarer acting commander', () => {
		const { state } = new TestRecord().declare();
		expect(state).toMatchObject({
			title: 'checkout is down',
			number: 42,
			kind: 'incident',
			origin: 'live',
			status: 'investigating',
			severity: null,
			declaredBy: ada,
		});
		expect(state.roles.commander).toMatchObject({ person: ada, acting: true });
		expect(Object.keys(state.milestones)).toEqual(['declared']);
	});

	test('an incident written down afterwards has no acting commander and no milestone yet', () => {
		for (const origin of ['backfilled', 'imported'] as const) {
			const { state } = new TestRecord().declare({ origin });
			expect(state.roles.commander).toBe(null);
			expect(state.milestones).toEqual({});
		}
	});

	test('a severity that is known from the start is set', () => {
		expect(new TestRecord().declare({ severity: 'SEV2' }).state.severity).toBe('SEV2');
	});
});

describe('a command', () => {
	test('becomes one fact that says who, when and what', () => {
		const record = new TestRecord().declare().later(minute);
		expect(record.asks(grace, { type: 'setSeverity', severity: 'SEV1' })).toEqual([
			{
				kind: 'severity',
				severity: 'SEV1',
				id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
				by: grace,
				recordedAt: record.now,
				occurredAt: record.now,
			},
		]);
	});

	test('that changes nothing makes no fact', () => {
		const record = new TestRecord().declare({ severity: 'SEV2' });
		expect(record.asks(grace, { type: 'setSeverity', severity: 'SEV2' })).toEqual([]);
		expect(record.asks(grace, { type: 'rename', title: 'checkout is down' })).toEqual([]);
		expect(record.asks(grace, { type: 'setStatus', status: 'investigating' })).toEqual([]);
		expect(record.asks(grace, { type: 'releaseRole', role: 'ops' })).toEqual([]);
		expect(record.asks(grace, { type: 'setMilestone', milestone: 'detected', at: null })).toEqual(
			[],
		);
	});

	test('with a key can be found again by the same person only', () => {
		const record = new TestRecord().declare();
		const [fact] = record.facts;
		const facts = fact ? [{ ...fact, key: 'k1' }] : [];
		expect(factsWithKey(facts, 'k1', ada)).toEqual(facts);
		expect(factsWithKey(facts, 'k1', grace)).toEqual([]);
	});
});

describe('a command that says what its sender saw', () => {
	const messageOf = (decided: unknown) => (decided instanceof Refusal ? decided.message : decided);

	test('is refused with who was faster, to what, and by how much', () => {
		const record = new TestRecord().declare({ severity: 'SEV3' });
		record.later(minute).does(linus, { type: 'setSeverity', severity: 'SEV2' }).later(1_000);
		const decided = record.asks(ada, { type: 'setSeverity', severity: 'SEV1', expects: 'SEV3' });
		expect(decided).toMatchObject({ code: 'conflict', field: 'expects' });
		expect(messageOf(decided)).toBe('Linus set SEV2 one second before you.');
	});

	test('goes through when it saw what stands', () => {
		const record = new TestRecord().declare({ severity: 'SEV3' });
		const decided = record.asks(ada, { type: 'setSeverity', severity: 'SEV1', expects: 'SEV3' });
		expect(decided).toHaveLength(1);
	});

	test('says it in the words of each thing', () => {
		const record = new TestRecord().declare().later(minute);
		record
			.does(linus, { type: 'rename', title: 'search is down' })
			.does(linus, { type: 'setStatus', status: 'identified' })
			.does(linus, { type: 'assignRole', role: 'ops', person: grace })
			.does(linus, { type: 'setMilestone', milestone: 'detected', at: record.now - minute })
			.later(7 * minute);
		const asks = (command: Parameters<typeof record.asks>[1]) =>
			messageOf(record.asks(ada, command));
		expect(asks({ type: 'rename', title: 'x', expects: 'checkout is down' })).toBe(
			'Linus set the title “search is down” 7 min before you.',
		);
		expect(asks({ type: 'setStatus', status: 'monitoring', expects: 'investigating' })).toBe(
			'Linus set the phase to Identified 7 min before you.',
		);
		expect(asks({ type: 'releaseRole', role: 'ops', expects: linus })).toBe(
			'Linus set Ops lead to Grace 7 min before you.',
		);
		expect(asks({ type: 'setMilestone', milestone: 'detected', at: 1, expects: null })).toBe(
			'Linus set “Detected” to 2026-11-24 02:13:00 UTC 7 min before you.',
		);
	});

	test('names you when you were faster yourself, on another screen', () => {
		const record = new TestRecord().declare().does(ada, { type: 'setSeverity', severity: 'SEV2' });
		const decided = record.asks(ada, { type: 'setSeverity', severity: 'SEV1', expects: null });
		expect(messageOf(decided)).toBe('You set SEV2 one second before you.');
	});

	test('names who reached a milestone that nobody typed in', () => {
		const record = new TestRecord()
			.declare()
			.does(grace, { type: 'setStatus', status: 'identified' });
		const at = record.now - minute;
		const decided = record.asks(ada, {
			type: 'setMilestone',
			milestone: 'identified',
			at,
			expects: at,
		});
		expect(messageOf(decided)).toBe(
			'Grace set “Identified” to 2026-11-24 02:13:00 UTC one second before you.',
		);
	});

	test('is refused in words also when nobody ever set the thing', () => {
		const record = new TestRecord().declare();
		const decided = record.asks(ada, { type: 'setSeverity', severity: 'SEV1', expects: 'SEV2' });
		expect(messageOf(decided)).toBe('This is not set any more, or never was.');
	});
});

describe('roles', () => {
	test('an acting commander gives way to whoever takes command, which acknowledges the incident', () => {
		const record = new TestRecord().declare().later(minute);
		record.does(grace, { type: 'takeRole', role: 'commander' });
		expect(record.state.roles.commander).toEqual({
			person: grace,
			since: record.now,
			acting: false,
		});
		expect(record.state.milestones.acknowledged).toMatchObject({ at: record.now, by: grace });
	});

	test('the acting commander can take command for good', () => {
		const record = new TestRecord().declare().does(ada, { type: 'takeRole', role: 'commander' });
		expect(record.state.roles.commander).toMatchObject({ person: ada, acting: false });
	});

	test('two who claim a role at the same moment: the first holds it, both are on record', () => {
		const record = new TestRecord().declare().does(grace, { type: 'takeRole', role: 'ops' });
		const command = { type: 'takeRole', role: 'ops' } as const;
		expect(record.asks(linus, command)).toMatchObject({
			code: 'conflict',
			message: 'Grace is Ops lead already.',
		});
		const claim = lostClaim(record, command, record.contextOf(linus));
		expect(claim).toMatchObject({ kind: 'claimed', role: 'ops', by: linus });
		if (claim) record.facts.push(claim);
		expect(record.state.roles.ops).toMatchObject({ person: grace });
		expect(lostClaim(record, command, record.contextOf(linus))).toBe(null);
		record.does(ada, { type: 'assignRole', role: 'ops', person: ada });
		expect(lostClaim(record, command, record.contextOf(linus))?.kind).toBe('claimed');
	});

	test('a claim that saw the role empty is kept on record all the same', () => {
		const record = new TestRecord().declare().does(grace, { type: 'takeRole', role: 'ops' });
		const command = { type: 'assignRole', role: 'ops', person: linus, expects: null } as const;
		expect(record.asks(linus, command)).toBeInstanceOf(Refusal);
		expect(lostClaim(record, command, record.contextOf(linus))?.kind).toBe('claimed');
	});

	test('only a claim for oneself to a role that another holds is kept as a lost one', () => {
		const record = new TestRecord().declare().does(grace, { type: 'takeRole', role: 'ops' });
		const lost = (by: typeof ada, command: Parameters<typeof lostClaim>[1]) =>
			lostClaim(record, command, record.contextOf(by));
		expect(lost(linus, { type: 'assignRole', role: 'ops', person: ada })).toBe(null);
		expect(lost(grace, { type: 'takeRole', role: 'ops' })).toBe(null);
		expect(lost(linus, { type: 'takeRole', role: 'scribe' })).toBe(null);
		expect(lost(linus, { type: 'takeRole', role: 'commander' })).toBe(null);
		expect(lost(linus, { type: 'setSeverity', severity: 'SEV1' })).toBe(null);
	});

	test('a role can be given to somebody else, released, and is empty then', () => {
		const record = new TestRecord().declare();
		record.does(ada, { type: 'assignRole', role: 'comms', person: grace }).later(minute);
		record.does(ada, { type: 'assignRole', role: 'comms', person: linus });
		expect(record.state.roles.comms).toMatchObject({ person: linus, since: record.now });
		record.does(linus, { type: 'releaseRole', role: 'comms' });
		expect(record.state.roles.comms).toBe(null);
	});
});

describe('milestones', () => {
	const impactStarted = 'impactStarted' as const;

	test('impact started is blank until somebody sets it', () => {
		const record = new TestRecord().declare();
		expect(record.state.milestones.impactStarted).toBe(undefined);
		record.does(grace, { type: 'setMilestone', milestone: impactStarted, at: record.now - minute });
		expect(record.state.milestones.impactStarted).toMatchObject({
			at: record.now - minute,
			by: grace,
		});
	});

	test('a correction names what it corrects and keeps the first value, however often it is corrected', () => {
		const record = new TestRecord().declare().later(minute);
		const first = record.state.milestones.declared;
		for (const at of [record.now - 5 * minute, record.now - 3 * minute]) {
			record.does(grace, { type: 'setMilestone', milestone: 'declared', at });
		}
		expect(record.state.milestones.declared).toMatchObject({
			at: record.now - 3 * minute,
			original: first?.at,
		});
		expect(record.facts.at(-2)).toMatchObject({ kind: 'milestone', corrects: first?.fact });
	});

	test('a value that was cleared is still known when another takes its place', () => {
		const record = new TestRecord().declare();
		const at = record.now - minute;
		record
			.does(ada, { type: 'setMilestone', milestone: impactStarted, at })
			.does(ada, { type: 'setMilestone', milestone: impactStarted, at: null });
		expect(record.state.milestones.impactStarted).toBe(undefined);
		record.does(ada, { type: 'setMilestone', milestone: impactStarted, at: at + 1 });
		expect(record.state.milestones.impactStarted).toMatchObject({ at: at + 1, original: at });
	});

	test('a time in the future is refused, but for clocks that differ a little', () => {
		const record = new TestRecord().declare();
		const set = (ms: number) =>
			record.asks(ada, { type: 'setMilestone', milestone: 'detected', at: record.now + ms });
		expect(set(6 * minute)).toMatchObject({ code: 'invalid', field: 'at' });
		expect(set(4 * minute)).toHaveLength(1);
	});

	test('a live incident was declared at some time; of one written down afterwards it may be unknown', () => {
		const clear = { type: 'setMilestone', milestone: 'declared', at: null } as const;
		expect(new TestRecord().declare().asks(ada, clear)).toMatchObject({ code: 'invalid' });
		const backfilled = new TestRecord().declare({ origin: 'backfilled' });
		backfilled.does(ada, { type: 'setMilestone', milestone: 'declared', at: 1 }).does(ada, clear);
		expect(backfilled.state.milestones.declared).toBe(undefined);
	});

	test('of an incident written down afterwards, the moment of writing is no milestone', () => {
		const record = new TestRecord().declare({ origin: 'backfilled' });
		record
			.does(ada, { type: 'takeRole', role: 'commander' })
			.does(ada, { type: 'setStatus', status: 'identified' })
			.does(ada, { type: 'setStatus', status: 'resolved' });
		expect(record.state.status).toBe('resolved');
		expect(record.state.milestones).toEqual({});
	});
});

describe('a closed incident', () => {
	const closed = () =>
		new TestRecord()
			.declare()
			.does(ada, { type: 'setStatus', status: 'resolved' })
			.later(minute)
			.does(ada, { type: 'close' });

	test('is sealed: it takes no commands', () => {
		const record = closed();
		expect(record.state.isSealed).toBe(true);
		for (const command of [
			{ type: 'rename', title: 'x' },
			{ type: 'setSeverity', severity: 'SEV1' },
			{ type: 'setStatus', status: 'monitoring' },
			{ type: 'takeRole', role: 'ops' },
			{ type: 'assignRole', role: 'ops', person: grace },
			{ type: 'releaseRole', role: 'commander' },
			{ type: 'link', url: 'https://example.org' },
		] as const) {
			expect(record.asks(ada, command)).toMatchObject({ code: 'sealed' });
		}
	});

	test('closing it once more changes nothing', () => {
		expect(closed().asks(grace, { type: 'close' })).toEqual([]);
		expect(closed().asks(grace, { type: 'setStatus', status: 'closed' })).toEqual([]);
	});

	test('can have its milestones corrected without reopening', () => {
		const record = closed();
		const at = record.now - minute;
		record.does(grace, { type: 'setMilestone', milestone: 'mitigated', at });
		expect(record.state).toMatchObject({ status: 'closed', isSealed: true });
		expect(record.state.milestones.mitigated).toMatchObject({ at });
	});

	test('is open again once reopened, and keeps the times of its first end', () => {
		const record = closed();
		const { resolved, closed: end } = record.state.milestones;
		record.later(minute).does(grace, { type: 'reopen' });
		expect(record.state).toMatchObject({ status: 'investigating', isSealed: false });
		record.later(minute).does(grace, { type: 'setStatus', status: 'resolved' });
		record.does(grace, { type: 'close' });
		expect(record.state.milestones).toMatchObject({ resolved, closed: end });
	});
});
