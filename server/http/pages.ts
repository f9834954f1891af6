import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Door } from './server.ts';

/** The pages' own handler: what SvelteKit's adapter builds, or Vite while developing. */
export type PageHandler = (
	request: IncomingMessage,
	response: ServerResponse,
	next: (error?: unknown) => void,
) => unknown;

export interface PageParts {
	readonly handler: PageHandler;
	readonly isOwnOrigin: (origin: string) => boolean;
	/** Whether there is an admin; before that only the first-run page answers. */
	readonly isSetUp: () => boolean;
}

const safeMethods = new Set(['GET', 'HEAD']);

/** The pages, behind the rules that hold for all of them. */
export function pageDoor({ handler, isOwnOrigin, isSetUp }: PageParts): Door {
	return (request, response) => {
		const { origin } = request.headers;
		const isSafe = safeMethods.has(request.method ?? 'GET');
		if (!isSafe && (origin === undefined || !isOwnOrigin(origin))) {
			return answer(response, 403, 'Requests from this origin are not allowed.');
		}
		if (!isSetUp() && !isForFirstRun(request.url ?? '/')) {
			if (!isSafe) return answer(response, 403, 'Muster has no admin yet.');
			response.writeHead(303, { Location: '/setup' }).end();
			return;
		}
		handler(request, response, (error) => {
			if (error) answer(response, 500, 'Something went wrong on our side.');
			else answer(response, 404, 'There is nothing here.');
		});
	};
}

/** The first-run page, and the files that it is made of. */
function isForFirstRun(url: string): boolean {
	return /^\/(setup(\/|\?|$)|_app\/|favicon|@|src\/|core\/|node_modules\/|\.svelte-kit\/)/.test(
		url,
	);
}

function answer(response: ServerResponse, status: number, sentence: string): void {
	if (response.headersSent) return void response.destroy();
	response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}
