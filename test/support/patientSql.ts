import postgres, { type Sql } from 'postgres';
import { arrayTypes } from '#server/storage/arrays.ts';
import { withoutWorkers } from '#server/storage/database.ts';
import type { OwnPostgres } from './postgres.ts';

/** Connections that wait as long as a statement takes; Muster's own give up one that is silent for long. */
export function patientSql({ ownAddress }: Pick<OwnPostgres, 'ownAddress'>): Sql {
	if ('url' in ownAddress) throw new Error('This PostgreSQL is not our own.');
	const { socketFolder, database, user } = ownAddress;
	return postgres({
		...{ host: socketFolder, port: 5432, database, user, max: 2, fetch_types: false },
		types: { bigint: { to: 20, from: [20], serialize: String, parse: Number }, ...arrayTypes },
		connection: withoutWorkers,
		transform: { undefined: null },
		onnotice: () => {},
	});
}
