import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createDocument } from '#core/incident/document.ts';

/** Where a demo's Muster listens, and the address under which people use it. */
export interface Place {
	/** `http://127.0.0.1:PORT` */
	readonly at: string;
	readonly publicUrl: string;
}

export interface Account {
	readonly name: string;
	readonly email: string;
	readonly password: string;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** Somebody who is signed in as people are, and who is in a room with a client as people are. */
export class DemoPerson implements Disposable {
	readonly name: string;
	readonly id: string;
	readonly doc = createDocument('editing');
	readonly #place: Place;
	readonly #headers: { readonly Cookie: string; readonly Origin: string };
	#provider: WebsocketProvider | null = null;
	#presence: Socket | null = null;

	/** Comes in by a door that makes accounts: the first-run link, or an invitation. */
	static async join(
		place: Place,
		door: string,
		account: Account & { token?: string },
	): Promise<DemoPerson> {
		const response = await fetch(`${place.at}/api/v1${door}`, {
			method: 'POST',
			headers: { Origin: place.publicUrl, 'Content-Type': 'application/json' },
			body: JSON.stringify(account),
		});
		const [cookie = ''] = response.headers.getSetCookie();
		if (!response.ok) throw new Error(`${account.name} cannot join: ${await response.text()}`);
		const { person } = (await response.json()) as { person: { id: string } };
		return new DemoPerson(place, person.id, {
			name: account.name,
			cookie: cookie.split(';')[0] ?? '',
		});
	}

	private constructor(
		place: Place,
		id: string,
		{ name, cookie }: { name: string; cookie: string },
	) {
		this.name = name;
		this.id = id;
		this.#place = place;
		this.#headers = { Cookie: cookie, Origin: place.publicUrl };
	}

	/** Calls the API as this person. Throws on anything but success. */
	async ask(
		route: `${Method} /${string}`,
		body?: object | string,
	): Promise<Record<string, unknown>> {
		const [method, path] = route.split(' ') as [string, string];
		const response = await fetch(`${this.#place.at}/api/v1${path}`, {
			method,
			headers: { ...this.#headers, 'Content-Type': 'application/json' },
			...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		});
		if (!response.ok) throw new Error(`${route} by ${this.name}: ${await response.text()}`);
		return (await response.json()) as Record<string, unknown>;
	}

	/** Enters a room: its document with the stock provider, and presence. Resolves once it is synced. */
	async enter(incident: string): Promise<void> {
		const headers = this.#headers;
		class WithSession extends WebSocket {
			constructor(url: string) {
				super(url, { headers });
			}
		}
		const provider = new WebsocketProvider(
			`${this.#place.at.replace('http', 'ws')}/sync`,
			incident,
			this.doc,
			{ disableBc: true, WebSocketPolyfill: WithSession as unknown as typeof globalThis.WebSocket },
		);
		this.#provider = provider;
		const presence = io(this.#place.at, {
			transports: ['websocket'],
			extraHeaders: { ...headers },
		});
		this.#presence = presence;
		presence.on('connect', () => void presence.emit('enter', { incident }));
		await new Promise<void>((resolve) => {
			provider.on('sync', (isSynced: boolean) => isSynced && resolve());
		});
	}

	/** Is in a part of the room: `impact`, `notes`, `task:01KAV…`; null for none. */
	goTo(place: string | null): void {
		this.#presence?.emit('where', { place });
	}

	/** Shows the others that this person types there, or has stopped. */
	typing(place: string | null): void {
		this.#provider?.awareness.setLocalStateField('typing', place);
	}

	/** Shows the others this person's caret in the notes. */
	caretAt(text: Y.XmlText, index: number): void {
		const anchor = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
		this.#provider?.awareness.setLocalStateField('cursor', { anchor, head: anchor });
	}

	[Symbol.dispose](): void {
		this.#presence?.disconnect();
		this.#provider?.destroy();
		this.doc.destroy();
	}
}
