import type { ISql } from 'postgres';
import type { Part } from '../scope.ts';

/** The first day of a month or a year that is written as 2026-11 or 2026. */
export function firstDayOf(sql: ISql, term: Part): Part {
	return sql`(left(${term} || '-01', 7) || '-01')::date`;
}

/** The first day after it. */
export function dayAfter(sql: ISql, term: Part): Part {
	const length = sql`case length(${term}) when 4 then interval '1 year' else interval '1 month' end`;
	return sql`(${firstDayOf(sql, term)} + ${length})::date`;
}
