import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Muster } from './server.ts';

/** A load balancer: whoever connects comes to the first node of its list that takes connections. */
export class Balancer implements AsyncDisposable {
	/** In the order in which they are tried; it may be changed at any time. */
	nodes: readonly Pick<Muster, 'url'>[];
	readonly #server: net.Server;
	readonly #sockets = new Set<Socket>();

	constructor(nodes: Balancer['nodes']) {
		this.nodes = nodes;
		this.#server = net.createServer((near) => this.#lead(near, [...this.nodes]));
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** Where live documents are, on whichever node: `ws://…/sync`. */
	get syncUrl(): string {
		return `ws://127.0.0.1:${this.port}/sync`;
	}

	async listen(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	#lead(near: Socket, [node, ...others]: Pick<Muster, 'url'>[]): void {
		if (!node) return void near.destroy();
		this.#keep(near);
		const far = net.connect(Number(new URL(node.url).port), '127.0.0.1');
		const failed = (): void => this.#lead(near, others);
		far.once('error', failed);
		far.once('connect', () => {
			far.off('error', failed);
			this.#keep(far);
			near.pipe(far).pipe(near);
			near.on('close', () => far.destroy());
			far.on('close', () => near.destroy());
		});
	}

	#keep(socket: Socket): void {
		if (this.#sockets.has(socket)) return;
		this.#sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => undefined /* its close tells */);
		socket.on('close', () => this.#sockets.delete(socket));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		await once(this.#server, 'close');
	}
}

/** Puts a load balancer in front of some nodes. */
export async function startBalancer(nodes: Balancer['nodes']): Promise<Balancer> {
	const balancer = new Balancer(nodes);
	await balancer.listen();
	return balancer;
}
