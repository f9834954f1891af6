const width = 24;

/** A line that says how far something is, for the stream of everything that is no answer. */
export interface ProgressBar {
	show(done: number, of: number): void;
	/** What comes next begins on a line of its own. */
	end(): void;
}

/** Draws a bar on one line, again and again: `[######··················] 100 of 399`. */
export function progressBar(write: (text: string) => void): ProgressBar {
	let isShown = false;
	return {
		show(done, of) {
			const full = of === 0 ? width : Math.floor((done / of) * width);
			const bar = '#'.repeat(full) + '·'.repeat(width - full);
			write(`\r[${bar}] ${done} of ${of}`);
			isShown = true;
		},
		end() {
			if (isShown) write('\n');
			isShown = false;
		},
	};
}
