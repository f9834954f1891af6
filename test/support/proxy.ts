import { once } from 'node:events';
import net, { type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';

/** A wire to a server that a test can cut, freeze or slow down. */
export class Proxy implements AsyncDisposable {
	/** Each chunk arrives this much later. */
	delayMs = 0;
	readonly #target: NetConnectOpts;
	readonly #server: net.Server;
	readonly #sockets = new Set<Socket>();
	#state: 'open' | 'cut' | 'frozen' = 'open';

	constructor(target: NetConnectOpts) {
		this.#target = target;
		this.#server = net.createServer((socket) => this.#join(socket));
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	async listen(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	/** All connections break, and new ones are refused. */
	cut(): void {
		this.#state = 'cut';
		for (const socket of this.#sockets) socket.destroy();
	}

	/** Nothing passes, and nobody is told. */
	freeze(): void {
		this.#state = 'frozen';
		for (const socket of this.#sockets) socket.pause();
	}

	/** Everything passes again, also what was held up. */
	open(): void {
		this.#state = 'open';
		for (const socket of this.#sockets) socket.resume();
	}

	#join(near: Socket): void {
		if (this.#state === 'cut') {
			near.destroy();
			return;
		}
		const far = net.connect(this.#target);
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const) {
			this.#sockets.add(from);
			from.setNoDelay(true);
			from.on('data', (chunk: Buffer) => this.#pass(chunk, to));
			from.on('error', () => to.destroy());
			from.on('close', () => {
				this.#sockets.delete(from);
				to.destroy();
			});
			if (this.#state === 'frozen') from.pause();
		}
	}

	#pass(chunk: Buffer, to: Socket): void {
		if (this.delayMs === 0) to.write(chunk);
		else setTimeout(() => to.write(chunk), this.delayMs);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.cut();
		this.#server.close();
		await once(this.#server, 'close');
	}
}

/** Puts a wire in front of a server. */
export async function startProxy(target: NetConnectOpts): Promise<Proxy> {
	const proxy = new Proxy(target);
	await proxy.listen();
	return proxy;
}
