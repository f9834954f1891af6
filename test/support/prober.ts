import { Worker } from 'node:worker_threads';
import { once } from 'node:events';

/** Asks a server every 50 ms whether it is alive, on a thread of its own, and notes how long it took. */
export class Prober implements AsyncDisposable {
	readonly #worker: Worker;

	constructor(url: string) {
		this.#worker = new Worker(script, { eval: true, workerData: `${url}/healthz` });
	}

	/** The longest wait of those that began since the last question, in ms; what failed does not count. */
	async longest(): Promise<number> {
		this.#worker.postMessage('longest');
		const [longest] = (await once(this.#worker, 'message')) as [number];
		return longest;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#worker.terminate();
	}
}

const script = `
	const { parentPort, workerData } = require('node:worker_threads');
	const { Agent, get } = require('node:http');
	const agent = new Agent({ keepAlive: true });
	let longest = 0;
	let since = 0;
	const probe = () => {
		const at = performance.now();
		const request = get(workerData, { agent }, (response) => {
			response.resume().on('end', () => {
				if (at >= since) longest = Math.max(longest, performance.now() - at);
			});
		});
		request.on('error', () => undefined);
	};
	setInterval(probe, 50);
	parentPort.on('message', () => {
		parentPort.postMessage(longest);
		longest = 0;
		since = performance.now();
	});
`;
