import { createLog } from '#server/log.ts';
import { startEmbeddedPostgres } from '#server/storage/embedded/start.ts';
import { urlOf } from './addresses.ts';

// A process that holds an embedded PostgreSQL for a test that kills it: prints the address, then waits.
const [, , dataDir = ''] = process.argv;
const postgres = await startEmbeddedPostgres(dataDir, createLog('silent'));
process.stdout.write(`${urlOf(postgres.address)}\n`);
setInterval(() => {}, 60_000);
