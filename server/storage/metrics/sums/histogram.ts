import type { ISql } from 'postgres';
import type { Part } from '../scope.ts';
import { bucketsOf, type Dimension } from './dimensions.ts';

/** The buckets that have any of some `lengths`, and how many of them lie below the end of each; null for no length. */
export function histogramOf(sql: ISql, dimension: Dimension): Part {
	return sql`
		select array_agg(bucket order by bucket) as buckets, array_agg(until order by bucket) as ends
		from (
			select bucket, (sum(size) over (order by bucket))::int as until
			from (
				select width_bucket(length, ${[...bucketsOf(dimension)]}::int8[])::int2 as bucket, count(*) as size
				from unnest(lengths) length group by 1
			) sized
		) counted`;
}
