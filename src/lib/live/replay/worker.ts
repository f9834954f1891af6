/// <reference lib="webworker" />
import type { Answers, FromWorker, Question, ToWorker } from './messages.ts';
import { Reviewer } from './reviewer.ts';

const reviewer = new Reviewer();

function post(message: FromWorker): void {
	self.postMessage(message);
}

function answer(question: Question): Answers[Question['kind']] | Promise<Answers['load']> {
	switch (question.kind) {
		case 'load':
			return reviewer.load(
				(turn) => fetch(`/api/v1/incidents/${question.incident}/history?after=${turn}`),
				(progress) => post({ progress }),
			);
		case 'show':
			return reviewer.show(question.instant);
		case 'changes':
			return reviewer.changes(question.from, question.to);
		case 'passages':
			return reviewer.passages(question.instant, question.written);
		default:
			return question satisfies never;
	}
}

self.onmessage = async ({ data: { id, question } }: MessageEvent<ToWorker>) => {
	try {
		post({ id, answer: await answer(question) });
	} catch (error) {
		post({ id, fault: error instanceof Error ? error.message : String(error) });
	}
};
