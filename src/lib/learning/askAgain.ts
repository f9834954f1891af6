const everyMs = 15_000;

/**
 * Asks again every 15 s while the page is seen, and when somebody comes back to it; until the returned
 * function is called. What is learnt changes a few times a day, on any server: for that a question now and
 * then is simpler than one more line that has to stay up, and right without Redis too.
 */
export function askAgain(ask: () => unknown): () => void {
	const look = () => {
		if (!document.hidden) void ask();
	};
	const timer = setInterval(look, everyMs);
	window.addEventListener('focus', look);
	document.addEventListener('visibilitychange', look);
	return () => {
		clearInterval(timer);
		window.removeEventListener('focus', look);
		document.removeEventListener('visibilitychange', look);
	};
}
