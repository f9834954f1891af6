const kib = 1024;
const mib = 1024 * kib;

/** Every bound that the doors hold to, in one place. Sizes in bytes, times in milliseconds. */
export const limits = {
	/** One websocket message: a step 2 after a long time offline is the largest. */
	messageBytes: 8 * mib,
	/** One *update* message: what somebody types or pastes at once. */
	updateBytes: 1 * mib,
	/** An incident's document, encoded. */
	documentBytes: 20 * mib,
	/** Parts of one update. */
	structsPerUpdate: 20_000,
	clientsPerUpdate: 256,
	/** A stock client's empty step 2 names every deletion that the document has ever seen. */
	clientsInDeletes: 20_000,
	deletesPerUpdate: 200_000,
	/** The largest clock of a client id, far beyond what anybody types. */
	clock: 2 ** 31,
	/** Levels of a value inside an item. */
	nesting: 32,
	/** A commit that takes longer puts the room in the unsaved state. */
	commitMs: 250,
	/** How long a command waits for the store before it is withdrawn. */
	commandMs: 5_000,
	/** What a room keeps while the store is away before it stops reading from its sockets. */
	unsavedBytes: 64 * mib,
	/** A room without people is let go after this. */
	idleRoomMs: 60_000,
	/** Stock clients give up a connection that is silent for 30 s. */
	heartbeatMs: 15_000,
	/** A peer is asked for missing parts at most this often, and sent away after so long. */
	resyncMs: 1_000,
	resyncGiveUpMs: 60_000,
	/** A caret's state, as JSON. */
	caretBytes: 4 * kib,
	/** A reader with more than this waiting for it is too slow. */
	waitingBytes: 8 * mib,
} as const;
