const kib = 1024;
const mib = 1024 * kib;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

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
	/** How often is looked for such rooms. */
	sweepMs: 5_000,
	/** Stock clients give up a connection that is silent for 30 s. */
	heartbeatMs: 15_000,
	/** A peer is asked for missing parts at most this often, and sent away after so long. */
	resyncMs: 1_000,
	resyncGiveUpMs: 60_000,
	/** A caret's state, as JSON. */
	caretBytes: 4 * kib,
	/** A reader with more than this waiting for it is too slow. */
	waitingBytes: 8 * mib,
	/** A request's body over HTTP, and how deeply its JSON is nested. */
	bodyBytes: 1 * mib,
	bodyDepth: 32,
	/** So much of a body that is too large is read all the same. */
	drainedBytes: 16 * mib,
	/** Requests of one person: so many at once, then so many a second. */
	requestBurst: 400,
	requestsPerSecond: 100,
	/** People whose requests are counted at the same time. */
	requesters: 10_000,
	/** How far ahead of ours somebody's clock may be. */
	clockSkewMs: 5 * 60_000,
	/** Incidents that one answer lists. */
	boardRows: 200,
	/** So long an answer waits for lists to show what was declared. */
	listedMs: 500,
	/** A session that nobody uses ends after this. */
	sessionIdleMs: 12 * 60 * minuteMs,
	/** So long after the sign-in a session ends with its first pause, and soon at the latest. */
	sessionMs: 14 * dayMs,
	sessionPauseMs: 30 * minuteMs,
	sessionMostMs: 15 * dayMs,
	/** How often it is noted that a session is in use. */
	sessionNoteMs: 5 * minuteMs,
	invitationMs: 7 * dayMs,
	/** In UTF-16 units. No rules about what is in it: length is what counts. */
	passwordLeast: 12,
	passwordMost: 200,
	/** Passwords that are hashed at once (19 MiB and 40 ms each), and that wait for their turn. */
	hashesAtOnce: 2,
	hashesWaiting: 50,
	/** People and addresses whose wrong passwords are remembered. */
	guessers: 10_000,
	/** A checkpoint is due after so many edits, or so many bytes of them. */
	checkpointEdits: 1_000,
	checkpointBytes: 256 * kib,
	/** A busy incident is projected at most this often; what nobody decided may wait longer. */
	projectionMs: 250,
	projectionPatienceMs: 1_000,
	/** So long does a costly incident rest at most. */
	projectionRestMs: 3_000,
	/** Entries of one incident that lists and metrics know, the newest. */
	projectedEntries: 10_000,
	/** How often the persister looks for turns that nobody told it of. */
	persisterPollMs: 10_000,
	/** Documents that the persister keeps in memory, and works on at once. */
	followers: 500,
	followersAtWork: 2,
	/** A failing document is tried again after the first, then ever more seldom. */
	persisterRetryMs: { first: 500, most: 60_000 },
	/** So long is the store waited for when Muster stops. */
	persisterEndMs: 5_000,
	/** Who is in a room is noted this often; nobody is there any more who was not noted for so long. */
	attendanceMs: 30_000,
	attendanceStaleMs: 90_000,
	/** A shorter stay is no attendance. */
	glanceMs: 1_000,
	/** One packet of presence. */
	presenceBytes: 64 * kib,
	/** A silent presence connection is asked after the first and ends after the second. */
	presencePingMs: 5_000,
	presencePongMs: 4_000,
	/** So long may somebody be connected without saying who they are. */
	presenceConnectMs: 10_000,
	/** Events of one presence connection: so many at once, then so many a second. */
	presenceBurst: 40,
	presencePerSecond: 20,
	/** Lists of who is present, and rows of the board, are sent at most this often. */
	presentMs: 60,
	boardMs: 100,
	/** So long may a client take to close its end when Muster stops. */
	farewellMs: 500,
	/** Whoever begins to watch the board is told what changed so shortly before. */
	boardRecentMs: 30_000,
} as const;
