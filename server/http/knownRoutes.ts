/** A route's path, `/incidents/:id`, and what it takes, in alphabetical order. */
export interface KnownRoute {
	readonly path: string;
	readonly methods: readonly string[];
}

/** Finds the route that a request's path belongs to, or null. */
export type FindRoute = (path: string) => KnownRoute | null;

/** Makes a table of routes to look paths up in. */
export function tableOf(routes: readonly { method: string; path: string }[]): FindRoute {
	const byPath = Map.groupBy(routes, ({ path }) => path);
	const table = Array.from(byPath, ([path, group]) => ({
		path,
		methods: [...new Set(group.flatMap(methodsOf))].sort(),
		segments: path.split('/'),
	}));
	return (path) => {
		const segments = path.split('/');
		return table.find((route) => fits(route.segments, segments)) ?? null;
	};
}

function methodsOf({ method }: { method: string }): string[] {
	return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
	return (
		pattern.length === segments.length &&
		pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
	);
}
