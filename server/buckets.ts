/** A token bucket: so many at once, then one more each so many milliseconds. */
export interface Bucket {
	readonly name: string;
	readonly burst: number;
	readonly refillMs: number;
}

/** Buckets that all nodes share. Each node counts for itself, too: they may be out of reach. */
export interface Buckets {
	/** Takes one of each, or of none: gives how long to wait (ms, 0 when taken), null while out of reach. */
	take(buckets: readonly Bucket[]): Promise<number | null>;
	/** Gives back what was taken. */
	give(buckets: readonly Bucket[]): void;
}

/** Of a node that is alone. */
export const noBuckets: Buckets = {
	take: async () => null,
	give: () => undefined,
};
