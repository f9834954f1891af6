import { historyFileLimits } from '#core/incident/historyFile/historic.ts';

const kib = 1024;
const mib = 1024 * kib;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Every bound that the doors hold to, in one place, grouped as the parts are that hold to them.
 * Sizes in bytes, times in milliseconds; what has a `burst` may come at once, then so many a second.
 */
export const limits = {
	/** So long may it take to find out who wants to come in, and so many may be looked up at once. */
	upgradeMs: 10_000,
	upgradesAtOnce: 1_000,
	/** Upgrades of one address that nobody is signed in for, and addresses that are remembered. */
	strangers: { burst: 50, perSecond: 5 },
	strangersKnown: 10_000,
	/** Sockets of live documents: of one person (a browser's tabs), and of one incident. */
	socketsPerPerson: 20,
	socketsPerIncident: 500,
	/** Pieces that a websocket message comes in (Chromium sends 8 MiB in 65), and that wait to be put together. */
	messageFragments: 1_024,
	bufferedChunks: 16_384,
	/** Pings of one websocket. */
	pings: { burst: 20, perSecond: 2 },
	/** A socket is asked whether it lives this often; gone is who was silent so many times. */
	pingMs: 8_000,
	pingsMissed: 2,
	/** So long may a client that is sent away take to close its end. */
	closeMs: 5_000,
	/** One line in the log for refusals of a kind in so long. */
	refusalLogMs: 10_000,

	/** What a client sends, whatever it is; a step 2 after a long time offline fits in at once. */
	connectionFrames: { burst: 400, perSecond: 200 },
	connectionBytes: { burst: 16 * mib, perSecond: 512 * kib },
	connectionEdits: { burst: 200, perSecond: 60 },
	/** The same for all sockets of a person together. */
	personFrames: { burst: 2_000, perSecond: 400 },
	personBytes: { burst: 64 * mib, perSecond: 1 * mib },
	personEdits: { burst: 600, perSecond: 120 },
	/** Edits of all people in one document; a connection's first step 2 is not counted here. */
	documentEdits: { burst: 20_000, perSecond: 5_000 },
	documentEditBytes: { burst: 64 * mib, perSecond: 4 * mib },
	/** Persons and documents that are counted at the same time. */
	ratedKeys: 10_000,
	/** Questions (step 1, and where carets are) of one connection, and bytes of answers made for one person. */
	questions: { burst: 10, perSecond: 2 },
	answerBytes: { burst: 64 * mib, perSecond: 4 * mib },

	/** One websocket message: a step 2 after a long time offline is the largest. */
	messageBytes: 8 * mib,
	/** One *update* message: what somebody types or pastes at once. */
	updateBytes: 1 * mib,
	/** Entries of a state vector. */
	stateVectorEntries: 20_000,
	/** Parts of one update. */
	structsPerUpdate: 20_000,
	/** Parts of one that a server writes by itself: what it restores, or a timeline that is written down. */
	serverStructs: 1_000_000,
	clientsPerUpdate: 256,
	/** A stock client's empty step 2 names every deletion that the document has ever seen. */
	clientsInDeletes: 20_000,
	deletesPerUpdate: 200_000,
	/** Of those, the ones that are new here. */
	newDeletesPerUpdate: 50_000,
	/** Values of one update that begin anew under the same key. */
	firstValuesPerKey: 32,
	/** Steps, roughly, that Yjs may take to find where the parts of one update belong. */
	placingSteps: 1_000_000,
	/** The largest clock of a client id, far beyond what anybody types. */
	largestClock: 2 ** 31,
	/** Levels of a value inside an item. */
	valueDepth: 32,
	/** Levels of the notes. Browsers read HTML of up to 512. */
	notesDepth: 600,
	/** A mark's attributes as JSON, in UTF-16 units: a link's address, escaped. */
	attributeLength: 64 * kib,

	/** An incident's document, encoded; from `largeDocumentBytes` on people are warned. */
	documentBytes: 20 * mib,
	largeDocumentBytes: 5 * mib,
	/** A document that grew by so much is measured again. */
	measureBytes: 256 * kib,
	/** Applying one edit for longer than this holds up everybody: its author is sent away for a while. */
	applyMs: 100,
	/** So many bytes of edits wait for a room's turn before it stops reading; one turn takes so many. */
	incomingBytes: 8 * mib,
	turnBytes: 4 * mib,
	/** Who deletes so many characters at once, or such a share of a text of some length, is told of. */
	deletedCharacters: 2_000,
	deletedShare: 0.25,
	deletedLeast: 300,
	/** Of one person's deletions in so short a time the first is told. */
	deletionPauseMs: minuteMs,

	/** A commit that takes longer puts the room in the unsaved state. */
	commitMs: 250,
	/** A turn of people's edits waits for no lock so often, though other nodes were faster. */
	plainTries: 4,
	/** So long is waited for a commit whose answer stays away, before the same turn is sent again. */
	unclearMs: 3_000,
	/** How long a command waits for the store before it is withdrawn. */
	commandMs: 5_000,
	/** What a room keeps while the store is away before it stops reading from its sockets. */
	unsavedBytes: 64 * mib,
	/** So many waiting turns are committed at once. */
	deliveredTurns: 200,
	/** What could not be delivered is tried again after this, though nobody opens its room. */
	redeliverMs: 2_000,

	/** So long may Redis take to answer; a node that has not heard itself through it for so long begins anew. */
	redisAnswerMs: 2_000,
	redisPulseMs: 1_000,
	redisSilenceMs: 3_500,
	/** A connection to Redis that ended is followed by the next after this. */
	redisAgainMs: 500,
	/** Counting with all nodes may take so long; then this node counts for itself. */
	bucketAnswerMs: 100,
	/** What Redis is asked and has not answered yet; what comes then is not asked. */
	redisWaiting: 5_000,
	redisWaitingBytes: 16 * mib,
	/** Each node tells its people this often; those of a node that is silent for so long are gone. */
	presenceBeatMs: 4_000,
	presenceSilenceMs: 13_000,
	/** So much the nodes' clocks may differ. */
	nodeSkewMs: 5_000,
	/** Turns of more bytes are told by their number alone. */
	toldTurnBytes: 256 * kib,
	/** Turns heard out of their order that a room keeps until it is their turn. */
	heardTurns: 100,

	/** How often each node asks what the others wrote, and who was signed out or has other rights there. */
	pollMs: 2_000,
	/** A change of somebody's access takes no longer to be committed. */
	changedPeopleMs: 30_000,
	/** Whoever lacks more turns than this gives the document's lock back and reads them before. */
	lockedTurns: 50,

	/** A room without people is let go after this. */
	idleRoomMs: 60_000,
	/** How often is looked for such rooms. */
	sweepMs: 5_000,
	/** Stock clients give up a connection that is silent for 30 s. */
	heartbeatMs: 15_000,
	/** A peer is asked for missing parts at most this often, and sent away after so long. */
	resyncMs: 1_000,
	resyncSoonMs: 50,
	resyncGiveUpMs: 60_000,

	/** A caret's state, as JSON, and how deeply it is nested. */
	caretBytes: 4 * kib,
	caretDepth: 8,
	/** Carets in one message: a stock client echoes those of everybody. */
	caretsPerFrame: 1_000,
	/** Carets are shown together this often, one person's this often at most. */
	caretsMs: 50,
	caretMs: 100,
	/** Carets that cannot be shown: whoever sends more is sent away. */
	oddCarets: { burst: 10, perSecond: 0.2 },
	/** Client ids of one person that a room remembers though they never wrote. */
	idleClients: 64,

	/** A reader with more than this waiting for it is too slow. */
	waitingBytes: 8 * mib,
	/** Bytes of different answers that wait in sockets, in the whole process. */
	unreadBytes: 48 * mib,
	/** A socket takes what waits for it in pieces of this size. */
	writeBytes: 64 * kib,

	/** A document that takes more computing time (or so much time on the clock) or memory to open is not opened. */
	openMs: 2_000,
	openMostMs: 20_000,
	openMiB: 512,
	/** A longer history is opened in stretches of so many turns. */
	openTurns: 5_000,
	/** Documents that are tried at once. */
	openAtOnce: 2,
	/** One that could not be opened whole is tried again after this, when somebody comes. */
	openAgainMs: 10 * minuteMs,
	/** Looking through a whole history for what is to be removed: computing, at most, and how often anew. */
	searchMs: 3 * minuteMs,
	searchMostMs: 10 * minuteMs,
	removalRounds: 5,

	/** A request's body over HTTP, and how deeply its JSON is nested. */
	bodyBytes: 1 * mib,
	bodyDepth: 32,
	/** So much of a body that is too large is read all the same. */
	drainedBytes: 16 * mib,
	/** A bundle that is imported: packed, its files, unpacked, and how much tighter than unpacked. */
	bundleBytes: 20 * mib,
	bundleFiles: 2_000,
	bundleMostBytes: 200 * mib,
	bundleRatio: 20,
	/** A file of past incidents that is imported: its size, rows, the length of one (UTF-16 units), a table's columns. */
	historyFileBytes: historyFileLimits.bytes,
	historyRows: historyFileLimits.rows,
	historyRowLength: 1 * mib,
	historyColumns: historyFileLimits.columns,
	/** Incidents of it that are written together, and faults and warnings that one answer lists. */
	importedAtOnce: 100,
	historyFaults: 500,
	/** Incidents of it that an answer shows as they are, or would be, here. */
	historyFirst: 5,
	/** What reads or judges a whole history lets others have their turn after so long. */
	sliceMs: 10,
	/** Exports of one incident that one answer lists. */
	exportsListed: 200,
	/** Requests of one person. */
	requests: { burst: 400, perSecond: 100 },
	/** People whose requests are counted at the same time. */
	requesters: 10_000,
	/** How far ahead of ours somebody's clock may be. */
	clockSkewMs: 5 * 60_000,
	/** Incidents whose number and origin are kept in memory. */
	knownIncidents: 10_000,
	/** Incidents that one answer lists. */
	boardRows: 200,
	/** Weeks, months or years that one answer of figures has, and corrections that it names. */
	metricStretches: 1_500,
	metricCorrections: 20,
	/** Incidents of which all measures are read at once; of more, one after another. */
	metricsAtOnce: 40_000,
	/** Months of so many incidents are summed up, and so long after a change in them at the soonest. */
	summedFrom: 500,
	summedAgainMs: 10 * 60_000,
	/** A week has many hours: in a shorter period incidents are quicker read than the sums of its hours. */
	hoursSummedFromMs: 365 * 24 * 3_600_000,
	/** Incidents of which people-hours and nights are counted: of more it takes too long. */
	metricsWithPresence: 30_000,
	/** Actions, problems, incidents that could belong to one, lessons, causes and retrospectives that one answer lists. */
	actionsListed: 500,
	problemsListed: 200,
	suggestedIncidents: 20,
	lessonsListed: 100,
	causesListed: 500,
	retrosListed: 200,
	/** The board stays about incidents: so many retrospectives that wait for somebody stand below them. */
	needsListed: 10,
	/** Nobody is told any more that an incident of so long ago has no retrospective. */
	retroDueMs: 180 * dayMs,
	/** So long after a closing people are asked for feedback; shown is the sum of so many answers or more. */
	feedbackMs: 14 * dayMs,
	feedbackLeast: 3,
	/** Retrospectives that a search finds, of so many that hold the words. */
	retrosFound: 50,
	retrosRanked: 2_000,
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
	/** An invitation can be used for so long. */
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
	checkpointEdits: 500,
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
	/** How often it looks for what other processes ask for: in a node, and where it has nothing else to do. */
	askedMs: 1_000,
	askedApartMs: 250,
	/** Documents that are asked for at once only to be made anew. */
	askedAgain: 500,
	/** Documents that it claims at once, each for so long at a time. */
	claimsAtOnce: 20,
	claimMs: 5_000,
	/** What was written is asked for together, so much later; how often it is looked for by who waits for it. */
	askMs: 100,
	projectedPollMs: 25,
	/** Documents that the persister keeps in memory, and works on at once. */
	followers: 500,
	followersAtWork: 2,
	/** So long after an incident was closed its turns move from the journal into segments: so many, or bytes, in each. */
	sealedMs: 7 * dayMs,
	segmentTurns: 1_000,
	segmentBytes: 8 * mib,
	/** How often is looked for that. */
	upkeepMs: 10 * minuteMs,
	/** How often is looked for incidents that were kept long enough. */
	retentionMs: 60 * minuteMs,
	/** How often is looked for heads that are to be told, so many at once; so long may telling of one take. */
	headsMs: 5_000,
	headsAtOnce: 100,
	headMs: 10_000,
	/** Where that fails it is tried again after the first, then ever more seldom. */
	headRetryMs: { first: 5_000, most: 10 * minuteMs },
	/** What a segment may unpack to: one turn may be larger than that. */
	segmentMostBytes: 64 * mib,
	/** A failing document is tried again after the first, then ever more seldom. */
	persisterRetryMs: { first: 500, most: 60_000 },

	/** One packet of presence. */
	presenceBytes: 64 * kib,
	/** A silent presence connection is asked after the first and ends after the second. */
	presencePingMs: 5_000,
	presencePongMs: 4_000,
	/** So long may somebody be connected without saying who they are. */
	presenceConnectMs: 10_000,
	/** Events of one presence connection. */
	presenceEvents: { burst: 40, perSecond: 20 },
	/** Lists of who is present, and rows of the board, are sent at most this often. */
	presentMs: 60,
	boardMs: 100,
	/** Whoever begins to watch the board is told what changed so shortly before. */
	boardRecentMs: 30_000,
	/** Who is in a room is noted this often; nobody is there any more who was not noted for so long. */
	attendanceMs: 30_000,
	attendanceStaleMs: 90_000,
	/** A shorter stay is no attendance. */
	glanceMs: 1_000,

	/** Muster ends within this, and so long after it has said that it stopped. */
	stopMs: 9_500,
	lingerMs: 200,
	/** So long for a request that is under way then, and for statements that the store has not answered. */
	requestEndMs: 5_000,
	storeEndSeconds: 2,
	/** So long is the store waited for when Muster stops. */
	persisterEndMs: 3_000,
	/** Whoever is connected then is sent away in turn: so long after the one before, the last after so long. */
	farewellEachMs: 6,
	farewellsMs: 3_000,
	/** So long may a client take to close its end when Muster stops. */
	farewellMs: 500,

	/** Blocks of a history that is downloaded: whichever comes first. */
	historyBlockTurns: 2_000,
	historyBlockBytes: 4 * mib,
	/** Moments of the past that are read at a time, and wait to be. */
	moments: { atOnce: 1, mostWaiting: 30 },
	/** Histories of closed incidents that are kept ready, together. */
	historyCacheBytes: 64 * mib,
} as const;
