import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { chipsOf, questionOf } from '../../../core/composer/chips.ts';
import { commands, nearestCommand } from '../../../core/composer/commands.ts';
import { escaped, parse, type Known } from '../../../core/composer/grammar.ts';
import { ada, grace, known, linus, now } from './known.ts';

const read = (text: string) => parse(text, known);
const chips = (text: string) => chipsOf(read(text), now).map((chip) => chip.text);
const inStatus = (status: Known['room']['status']): Known => ({
	...known,
	room: { ...known.room, status },
});

describe('a line for the timeline', () => {
	test.each([
		['pool is at 60/60', 'note', 'pool is at 60/60'],
		['! roll back', 'decision', 'roll back'],
		['/decide roll back', 'decision', 'roll back'],
		['? pool exhausted', 'theory', 'pool exhausted'],
		['/theory pool exhausted', 'theory', 'pool exhausted'],
		['x replica lag', 'ruledOut', 'replica lag'],
		['X replica lag', 'ruledOut', 'replica lag'],
		['/ruleout replica lag', 'ruledOut', 'replica lag'],
		['/impact 18 % of checkouts fail', 'impact', '18 % of checkouts fail'],
		['/action drained us-east', 'action', 'drained us-east'],
		['/Decide roll back', 'decision', 'roll back'],
		['-10m ! roll back', 'decision', 'roll back'],
		['02:41 /decide roll back', 'decision', 'roll back'],
	])('“%s” is a %s', (text, entryKind, rest) => {
		expect(read(text)).toMatchObject({ kind: 'entry', entryKind, text: rest });
	});

	test('is a key entry with a star before or behind it', () => {
		expect(read('* pool is full')).toMatchObject({ text: 'pool is full', starred: true });
		expect(read('pool is full *')).toMatchObject({ text: 'pool is full', starred: true });
		expect(read('! roll back *')).toMatchObject({ entryKind: 'decision', starred: true });
		expect(read('* ! roll back')).toMatchObject({ entryKind: 'decision', starred: true });
		expect(read('2 * 3 = 6')).toMatchObject({ text: '2 * 3 = 6', starred: false });
		expect(read('pool*')).toMatchObject({ text: 'pool*', starred: false });
	});

	test.each([
		'!important',
		'?why',
		'xylophone',
		'*bold*',
		'- item',
		'/usr/bin is full',
		'12/60 pods',
		'no! wait',
	])('“%s” is text and nothing else', (text) => {
		expect(read(text)).toMatchObject({ kind: 'entry', entryKind: 'note', text, starred: false });
		expect(chips(text)).toEqual([]);
	});

	test('reads signs only at the very start', () => {
		expect(read(' ! roll back')).toMatchObject({ entryKind: 'note', text: '! roll back' });
		expect(read('! ! roll back')).toMatchObject({ entryKind: 'decision', text: '! roll back' });
		expect(read(' -10m pool')).toMatchObject({ when: null, text: '-10m pool' });
	});

	test('keeps its lines', () => {
		expect(read('! roll back\nto 22-3')).toMatchObject({ text: 'roll back\nto 22-3' });
	});

	test('asks about a time that has not come or is more than a day back, and about no other', () => {
		const question = (text: string) => questionOf(read(text), now);
		expect(question('today 23:50 pool')).toBe('23:50 UTC has not come yet. Log it anyway?');
		expect(question('02:41-03:30 pool')).toContain('has not come yet');
		expect(question('2026-11-20 23:50 pool')).toContain('2026-11-20 23:50 UTC, 3 d ago');
		expect(question('-10m pool')).toBeNull();
		expect(question('pool')).toBeNull();
	});

	test('with nothing to say, or too much, is unfinished', () => {
		for (const text of ['! ', '-10m', '02:41 ', '/decide', '* ', '\\ ', 'a'.repeat(10_001)]) {
			expect(read(text).kind).toBe('unfinished');
		}
		expect(read('   ').kind).toBe('nothing');
	});

	test('says how it was understood', () => {
		expect(chips('-10m ! roll back *')).toEqual(['Decision', '02:50 UTC, 10 min ago', '★ key']);
		expect(chips('~yesterday 23:50-00:10 pool')).toEqual([
			'about yesterday 23:50–2026-11-24 00:10 UTC, 3 h ago',
		]);
		expect(chips('@grace and @ops, ask @nemo')).toEqual([
			'@grace: Grace Hopper',
			'@ops: Grace Hopper',
			'@nemo: Nobody is called “nemo”.',
		]);
	});
});

describe('mentions', () => {
	const named = (text: string) => {
		const parsed = read(text);
		if (parsed.kind !== 'entry') return [];
		return parsed.mentions.map(({ typed, who }) => [typed, who.found ? who.person : who.why]);
	};

	test('are found by whole names, first names, beginnings and roles; “me” is whoever types', () => {
		expect(named('@Grace Hopper can you look')).toEqual([['Grace Hopper', grace]]);
		expect(named('@grace, can you look')).toEqual([['grace', grace]]);
		expect(named('(@gra) and @LINUS.')).toEqual([
			['gra', grace],
			['LINUS', linus],
		]);
		expect(named('@ic @me')).toEqual([
			['ic', linus],
			['me', ada],
		]);
		expect(named('@lin knows')).toEqual([['lin', '“lin” may be Linus or Linda Hamilton.']]);
	});

	test('are not made of e-mail addresses, and stay text', () => {
		expect(named('mail ops@example.com')).toEqual([]);
		expect(read('ask @grace now')).toMatchObject({ text: 'ask @grace now' });
	});
});

describe('a task', () => {
	test('has an owner and a time to check back, in any order', () => {
		const planned = {
			kind: 'task',
			title: 'drain us-east',
			assignee: { person: grace, name: 'Grace Hopper' },
			due: now + 900_000,
		};
		expect(read('/task drain us-east @grace 15m')).toEqual(planned);
		expect(read('/task drain us-east 15m @Grace Hopper')).toEqual(planned);
		expect(chips('/task drain us-east @grace 15m')).toEqual([
			'Task',
			'Grace Hopper',
			'due 03:15 UTC',
		]);
	});

	test('may have neither', () => {
		expect(read('/task  ask @grace about\n lag ')).toEqual({
			kind: 'task',
			title: 'ask @grace about lag',
			assignee: null,
			due: null,
		});
	});

	test('is not made without a title, or for somebody who is not there', () => {
		expect(read('/task')).toEqual({ kind: 'unfinished', sentence: 'What is to be done?' });
		expect(read('/task @grace 15m').kind).toBe('unfinished');
		expect(read('/task drain @nemo').kind).toBe('unfinished');
		expect(read(`/task ${'a'.repeat(201)}`).kind).toBe('unfinished');
	});
});

describe('a command', () => {
	test.each([
		['/sev 1', { type: 'setSeverity', severity: 'SEV1', expects: 'SEV3' }, 'Severity: SEV3 → SEV1'],
		[
			'/severity sev2',
			{ type: 'setSeverity', severity: 'SEV2', expects: 'SEV3' },
			'Severity: SEV3 → SEV2',
		],
		[
			'/sev none',
			{ type: 'setSeverity', severity: null, expects: 'SEV3' },
			'Severity: SEV3 → not set',
		],
		[
			'/phase mon',
			{ type: 'setStatus', status: 'monitoring', expects: 'investigating' },
			'Phase: Investigating → Monitoring',
		],
		[
			'/title checkout  is slow',
			{ type: 'rename', title: 'checkout is slow', expects: 'checkout is down' },
			'Title: checkout is down → checkout is slow',
		],
		[
			'/ic @grace',
			{ type: 'assignRole', role: 'commander', person: grace, expects: linus },
			'Commander: Linus → Grace Hopper',
		],
		[
			'/ops linus',
			{ type: 'assignRole', role: 'ops', person: linus, expects: grace },
			'Ops lead: Grace Hopper → Linus',
		],
		[
			'/comms me',
			{ type: 'assignRole', role: 'comms', person: ada, expects: null },
			'Comms: nobody → Ada Lovelace',
		],
		[
			'/scribe @Ada Lovelace',
			{ type: 'assignRole', role: 'scribe', person: ada, expects: null },
			'Scribe: nobody → Ada Lovelace',
		],
		[
			'/drop ops',
			{ type: 'releaseRole', role: 'ops', expects: grace },
			'Ops lead: Grace Hopper → nobody',
		],
		[
			'/link https://example.com/x Dashboard of  checkout',
			{ type: 'link', url: 'https://example.com/x', title: 'Dashboard of checkout' },
			'Link: Dashboard of checkout',
		],
		[
			'/link https://example.com/x',
			{ type: 'link', url: 'https://example.com/x' },
			'Link: https://example.com/x',
		],
		[
			'/resolve',
			{ type: 'setStatus', status: 'resolved', expects: 'investigating' },
			'Phase: Investigating → Resolved',
		],
	])('%s', (text, command, words) => {
		expect(read(text)).toMatchObject({ kind: 'command', command });
		expect(chips(text)).toEqual([words]);
	});

	test('that closes or reopens is possible only where the lifecycle allows it', () => {
		expect(read('/close')).toEqual({
			kind: 'unfinished',
			sentence: 'Only a resolved incident can be closed.',
		});
		expect(parse('/close', inStatus('resolved'))).toMatchObject({
			command: { type: 'setStatus', status: 'closed', expects: 'resolved' },
			doubt: 'end',
		});
		expect(read('/reopen').kind).toBe('unfinished');
		expect(parse('/reopen', inStatus('closed'))).toMatchObject({ command: { type: 'reopen' } });
	});

	test('that ends the incident is asked about once, no other is', () => {
		expect(questionOf(read('/resolve'), now)).toBe('Investigating → Resolved. Is it over?');
		expect(questionOf(read('/phase cancelled'), now)).not.toBeNull();
		expect(questionOf(read('/sev 1'), now)).toBeNull();
	});

	test.each([
		['/sev', 'Which severity? 1 is the worst, 5 the mildest.'],
		['/sev 6', 'Which severity? 1 is the worst, 5 the mildest.'],
		['/sev 3', 'It is SEV3 already.'],
		['/phase i', 'That may be Investigating or Identified.'],
		['/phase inv', 'It is Investigating already.'],
		['/title', 'What is the new title?'],
		['/ic', 'Who is Commander now? @name or me.'],
		['/ic @nemo', 'Nobody is called “nemo”.'],
		['/ic @lin', '“lin” may be Linus or Linda Hamilton.'],
		['/ops @grace', 'Grace Hopper is Ops lead already.'],
		['/drop comms', 'Nobody is Comms.'],
		['/link example.com', 'A link starts with https://, http:// or mailto:.'],
		['/link javascript:alert(1)', 'A link starts with https://, http:// or mailto:.'],
		['-10m /sev 1', '“/sev” stands alone, with nothing before it.'],
	])('%s: %s', (text, sentence) => {
		expect(read(text)).toEqual({ kind: 'unfinished', sentence });
	});

	test('an acting commander takes command by name', () => {
		expect(parse('/ic me', { ...known, me: linus })).toMatchObject({
			command: { type: 'assignRole', role: 'commander', person: linus, expects: linus },
		});
	});

	test('a slash alone asks for the list; a word that is no command stays text and names the nearest', () => {
		expect(read('/')).toEqual({ kind: 'commands' });
		expect(read('/decied roll back')).toMatchObject({
			kind: 'unknownCommand',
			typed: 'decied',
			nearest: 'decide',
			text: '/decied roll back',
			entryKind: 'note',
		});
		expect(nearestCommand('tsk')).toBe('task');
		expect(nearestCommand('resovle')).toBe('resolve');
		expect(nearestCommand('tmp')).toBeNull();
	});

	test.each(commands.map(({ name }) => name))('/%s is read as itself, whatever follows', (name) => {
		const rests = ['', ' ', ' me', ' 1', ' mon', ' roll back', ' https://example.com', ' ops'];
		for (const rest of rests) expect(read(`/${name}${rest}`).kind).not.toBe('unknownCommand');
		const isDone = rests.some((rest) =>
			(['investigating', 'resolved'] as const).some((status) =>
				['entry', 'task', 'command'].includes(parse(`/${name}${rest}`, inStatus(status)).kind),
			),
		);
		expect(isDone).toBe(true);
	});
});

describe('any text at all', () => {
	const pieces = fc.constantFrom(
		'-10m ',
		'02:41 ',
		'~',
		'! ',
		'? ',
		'x ',
		'* ',
		' *',
		'\\',
		'/',
		'/sev ',
		'/task ',
		'/ic ',
		'@grace',
		'@',
		' 15m',
		'me',
		'\n',
		' ',
		'yesterday 23:50 ',
		'\ud800',
		'é',
		'👩‍🚒',
	);
	const lines = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 60 }),
		fc
			.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 8 })
			.map((all) => all.join('')),
	);

	test('never throws, and means the same each time it is read', () => {
		fc.assert(
			fc.property(lines, (text) => {
				const parsed = read(text);
				expect(read(text)).toEqual(parsed);
				expect(chipsOf(read(text), now)).toEqual(chipsOf(parsed, now));
				expect(typeof (questionOf(parsed, now) ?? '')).toBe('string');
			}),
		);
	});

	test('behind a backslash comes back exactly, as a note', () => {
		fc.assert(
			fc.property(lines, (text) => {
				fc.pre(text.trim() !== '');
				const parsed = read(escaped(text));
				expect(parsed).toMatchObject({ kind: 'entry', entryKind: 'note', text, starred: false });
				expect(chipsOf(parsed, now).every(({ kind }) => kind === 'person')).toBe(true);
			}),
		);
	});

	test('what is left of a line has no meaning of its own once it is escaped', () => {
		fc.assert(
			fc.property(lines, (text) => {
				const parsed = read(text);
				if (parsed.kind !== 'entry') return;
				const again = read(escaped(parsed.text));
				expect(again).toMatchObject({ kind: 'entry', text: parsed.text, entryKind: 'note' });
			}),
		);
	});
});

describe.each([9_000, 100_000])('a line of %i characters', (long) => {
	afterEach(() => vi.restoreAllMocks());

	/** The longest of them is an address with its title. */
	const bound = 2_200;

	test.each([
		['blanks', `! ${' '.repeat(long)}a`],
		['at signs', '@'.repeat(long)],
		['names', '@grace '.repeat(long / 7)],
		['digits', '1'.repeat(long)],
		['clocks', '02:41-'.repeat(long / 6)],
		['dashes', '-10m'.repeat(long / 4)],
		['a command', `/${'a'.repeat(long)}`],
		['an argument', `/ic ${'a'.repeat(long)}`],
		['an address', `/link https://${'a'.repeat(long)}`],
		['a title', `/title ${'a '.repeat(long / 2)}`],
		['a task', `/task ${'a '.repeat(long / 2)} @grace 15m`],
		['stars', ' *'.repeat(long / 2)],
		['slashes', '/'.repeat(long)],
		['backslashes', '\\'.repeat(long)],
	])(
		'of %s is read by patterns that each see a bounded part of it, no more often than it is long',
		(_, text) => {
			const exec = RegExp.prototype.exec;
			let most = 0;
			let times = 0;
			vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, input: string) {
				most = Math.max(most, input.length);
				times += 1;
				return exec.call(this, input);
			});
			chipsOf(read(text), now);
			vi.restoreAllMocks();
			expect(most).toBeLessThanOrEqual(bound);
			expect(times).toBeLessThanOrEqual(text.length + 200);
		},
	);
});
