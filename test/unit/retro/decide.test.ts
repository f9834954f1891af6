import { describe, expect, test } from 'vitest';
import { Refusal } from '#core/refusal.ts';
import type { Fact } from '#core/incident/record.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { missingOf } from '#core/retro/approvals.ts';
import { ada, grace, linus } from '../../support/record.ts';
import { TestRetro } from '../../support/retro.ts';

describe('a retrospective', () => {
	test('[R7] goes from draft over review to published, once every reviewer has approved', () => {
		const retro = new TestRetro();
		expect(retro.state.stage).toBe('draft');
		retro.does(ada, { type: 'setReviewers', people: [grace, linus] }).does(ada, { type: 'submit' });
		expect(retro.state.stage).toBe('inReview');
		retro.does(grace, { type: 'approve' });
		const early = retro.asks(ada, { type: 'publish' });
		expect(early).toMatchObject({ code: 'conflict', message: expect.stringContaining('Linus') });
		retro.does(linus, { type: 'approve' }).does(ada, { type: 'publish' });
		expect(retro.state).toMatchObject({
			stage: 'published',
			versions: [{ version: 1, incidentTurn: 7, by: ada }],
		});
	});

	test('takes no edits while it is published, and takes them again once it is revised', () => {
		const retro = publishedRetro();
		expect(foldRecord(retro.facts).isSealed).toBe(true);
		retro.does(ada, { type: 'revise' });
		expect(foldRecord(retro.facts).isSealed).toBe(false);
		expect(retro.state).toMatchObject({
			stage: 'draft',
			versions: [{ version: 1 }],
			approvals: [],
		});
	});

	test('has a further version once it was revised, reviewed and published again', () => {
		const retro = publishedRetro().does(ada, { type: 'revise' }).does(ada, { type: 'submit' });
		expect(retro.asks(ada, { type: 'publish' })).toBeInstanceOf(Refusal);
		retro.incidentTurn = 9;
		retro.does(grace, { type: 'approve' }).does(ada, { type: 'publish' });
		expect(retro.state.versions).toMatchObject([
			{ version: 1, incidentTurn: 7 },
			{ version: 2, incidentTurn: 9 },
		]);
	});

	test('is not reviewed before it has an owner and a reviewer', () => {
		const retro = new TestRetro();
		expect(retro.asks(ada, { type: 'submit' })).toMatchObject({ field: 'reviewers' });
		retro.does(ada, { type: 'setReviewers', people: [grace] });
		retro.does(ada, { type: 'setOwner', person: null });
		expect(retro.asks(ada, { type: 'submit' })).toMatchObject({ field: 'owner' });
	});

	test('is approved by its reviewers alone', () => {
		const retro = inReview();
		expect(retro.asks(linus, { type: 'approve' })).toMatchObject({ code: 'forbidden' });
	});

	test('[R15] changed after an approval, it is published once the text as it is was approved', () => {
		const retro = inReview().does(grace, { type: 'approve' });
		retro.written += 1;
		expect(missingOf(retro.state, retro.written)).toEqual([grace]);
		expect(retro.asks(ada, { type: 'publish' })).toMatchObject({
			code: 'conflict',
			message: 'Not everybody has approved it: Grace (only an earlier text).',
		});
		retro.does(grace, { type: 'approve' }).does(ada, { type: 'publish' });
		expect(retro.state).toMatchObject({ stage: 'published', approvals: [{ by: grace }] });
	});

	test('[R15] who has read another text than there is approves nothing', () => {
		const retro = inReview();
		const read = retro.written;
		retro.written += 1;
		expect(retro.asks(grace, { type: 'approve', written: read })).toMatchObject({
			...{ code: 'conflict', message: expect.stringContaining('Read it again') as string },
		});
		retro.does(grace, { type: 'approve', written: retro.written });
		expect(missingOf(retro.state, retro.written)).toEqual([]);
	});

	test('[R15] what is removed after the publishing takes no approval away', () => {
		const retro = inReview().does(grace, { type: 'approve' }).does(ada, { type: 'publish' });
		retro.written += 9;
		expect(missingOf(retro.state, retro.written)).toEqual([]);
	});

	test('counts an approval that does not say of which text', () => {
		const retro = inReview().does(grace, { type: 'approve' });
		const earlier = retro.facts.map((fact) =>
			fact.kind === 'approved' ? { ...fact, written: undefined } : fact,
		);
		retro.facts.splice(0, Infinity, ...(earlier as Fact[]));
		retro.written += 1;
		expect(missingOf(retro.state, retro.written)).toEqual([]);
	});

	test('given back is a draft with a reason, and its approvals are gone', () => {
		const retro = inReview().does(grace, { type: 'approve' });
		retro.does(grace, { type: 'return', reason: 'The impact is missing.' });
		expect(retro.state).toMatchObject({
			stage: 'draft',
			approvals: [],
			returned: { by: grace, reason: 'The impact is missing.' },
		});
	});

	test('loses the approval of somebody who reviews it no more', () => {
		const retro = inReview().does(grace, { type: 'approve' });
		retro.does(ada, { type: 'setReviewers', people: [linus] });
		expect(retro.state.approvals).toEqual([]);
		expect(retro.asks(ada, { type: 'publish' })).toBeInstanceOf(Refusal);
	});

	test('has an owner whom nobody replaces unseen', () => {
		const retro = new TestRetro().does(ada, { type: 'setOwner', person: grace });
		const late = retro.asks(linus, { type: 'setOwner', person: linus, expects: ada });
		expect(late).toMatchObject({ code: 'conflict', message: 'Grace owns it by now.' });
	});

	test('is in review with at least one reviewer', () => {
		const none = inReview().asks(ada, { type: 'setReviewers', people: [] });
		expect(none).toMatchObject({ code: 'invalid', field: 'people' });
	});
});

describe('a comment', () => {
	const anchor = { start: '{}', end: '{}', quote: 'for 38 minutes' };

	test('is about a stretch of the text, is answered and resolved', () => {
		const retro = new TestRetro().does(grace, { type: 'comment', text: 'Why so long?', anchor });
		const [first] = retro.state.comments;
		if (!first) throw new Error('no comment');
		retro.does(ada, { type: 'comment', text: 'The page was ignored.', answers: first.id });
		const [, answer] = retro.state.comments;
		if (!answer) throw new Error('no answer');
		retro.does(grace, { type: 'comment', text: 'I see.', answers: answer.id });
		retro.does(grace, { type: 'resolveComment', comment: first.id, isResolved: true });
		expect(retro.state.comments).toMatchObject([
			{ by: grace, anchor, answers: null, isResolved: true },
			{ by: ada, answers: first.id },
			{ by: grace, answers: first.id },
		]);
	});

	test('that is not there is neither answered nor resolved', () => {
		const retro = new TestRetro();
		const nobody = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
		expect(retro.asks(ada, { type: 'comment', text: 'a', answers: nobody })).toBeInstanceOf(
			Refusal,
		);
		expect(
			retro.asks(ada, { type: 'resolveComment', comment: nobody, isResolved: true }),
		).toBeInstanceOf(Refusal);
	});
});

function inReview(): TestRetro {
	const retro = new TestRetro().does(ada, { type: 'setReviewers', people: [grace] });
	return retro.does(ada, { type: 'submit' });
}

function publishedRetro(): TestRetro {
	return inReview().does(grace, { type: 'approve' }).does(ada, { type: 'publish' });
}
