const offKey = 'hints-off';
const keptKey = 'hints-kept';

/** Which hints this device shows: off for good, or kept as they are, words by words, in one incident. */
export class HintChoices {
	readonly #incident: string;
	#isOff = $state(false);
	#kept = $state.raw<ReadonlySet<string>>(new Set());

	constructor(incident: string) {
		this.#incident = incident;
	}

	/** Reads what was chosen before; once the page is in a browser. */
	remember(): void {
		this.#isOff = read(offKey) !== null;
		const kept: unknown = JSON.parse(read(`${keptKey}:${this.#incident}`) ?? '[]');
		if (Array.isArray(kept)) this.#kept = new Set(kept.filter((one) => typeof one === 'string'));
	}

	get isOff(): boolean {
		return this.#isOff;
	}

	/** Shows hints on this device, or does not. */
	turn(isOff: boolean): void {
		this.#isOff = isOff;
		write(offKey, isOff ? 'yes' : null);
	}

	/** Whether a hint about these words is shown at this place. */
	isShown(place: string, words: string): boolean {
		return !this.#isOff && !this.#kept.has(nameOf(place, words));
	}

	/** The words stay as they are, and nobody asks about them here again. */
	keep(place: string, words: string): void {
		this.#kept = new Set([...this.#kept, nameOf(place, words)]);
		write(`${keptKey}:${this.#incident}`, JSON.stringify([...this.#kept]));
	}
}

function nameOf(place: string, words: string): string {
	return `${place}:${words.toLowerCase()}`;
}

function read(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null; // storage is off: it is asked anew on each page
	}
}

function write(key: string, value: string | null): void {
	try {
		if (value === null) localStorage.removeItem(key);
		else localStorage.setItem(key, value);
	} catch {
		// Storage is off or full: the choice lives as long as the page.
	}
}
