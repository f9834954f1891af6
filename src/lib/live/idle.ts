const idleMs = 60_000;
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'] as const;

/** Says when nobody used this page for a minute, and when somebody is back. Gives the end of it. */
export function watchIdle(changed: (isIdle: boolean) => void): () => void {
	let isIdle = false;
	let usedAt = Date.now();
	let timer = setTimeout(look, idleMs);
	function look(): void {
		const left = usedAt + idleMs - Date.now();
		if (left > 0) {
			timer = setTimeout(look, left);
		} else {
			isIdle = true;
			changed(true);
		}
	}
	function used(): void {
		usedAt = Date.now();
		if (!isIdle) return;
		isIdle = false;
		timer = setTimeout(look, idleMs);
		changed(false);
	}
	for (const sign of signs) addEventListener(sign, used, { capture: true, passive: true });
	return () => {
		clearTimeout(timer);
		for (const sign of signs) removeEventListener(sign, used, { capture: true });
	};
}
