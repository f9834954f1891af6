import type { ISql } from 'postgres';
import type { Part } from '../scope.ts';

/** Numbers of a group's buckets are below this. */
const slots = 1024;

/**
 * Parts of a statement that make `percentiles`: of each group its median, p90 and p95 as `lengths`, by nearest rank.
 * They read `counted` (groups with `n` lengths, of so many `sums`), `sums` (lengths in order, `buckets` that have any
 * and where they end in that order) and `single` (lengths that come to them or are taken away, by their `sign`).
 */
export function percentilesOf(sql: ISql): Part {
	return sql`${filled(sql)}, ${wanted(sql)}, ${percentiles(sql)}`;
}

/** How many lengths each bucket has, and all before it together. */
function filled(sql: ISql): Part {
	return sql`
		filled as (
			select group_id, bucket, added, taken, size,
				(sum(size) over (partition by group_id order by bucket))::int as until
			from (
				select (slot / ${slots}::int8)::int as group_id, (slot % ${slots}::int8)::int2 as bucket, sum(size)::int as size,
					coalesce(sum(size) filter (where is_single and size > 0), 0)::int as added,
					coalesce(-sum(size) filter (where is_single and size < 0), 0)::int as taken
				from (
					select group_id * ${slots}::int8 + u.bucket as slot, u.until - u.since as size, false as is_single
					from sums, unnest(buckets, ends, 0 || ends) u (bucket, until, since)
					where u.bucket is not null
					union all
					select group_id * ${slots}::int8 + bucket, sign, true from single where bucket is not null
				) parts
				group by slot
			) buckets
		)`;
}

/** In which bucket each rank lies, and which of its lengths it is. */
function wanted(sql: ISql): Part {
	return sql`
		wanted as materialized (
			select row_number() over () as number, group_id, place, bucket,
				-- With one sum alone no more is looked at than single incidents can shift it by.
				case when sums = 1 then greatest(0, rank - added - 1) else 0 end as skipped,
				case when sums = 1 then rank + taken end as last, rank
			from (
				select group_id, sums, bucket, added, taken, place, (rank - (until - size))::int as rank
				from filled join (
					select group_id, sums, ranks from counted, lateral (
						select array_agg(ceil(share * n::float8)::int8 order by share) as ranks
						from unnest(array[0.5, 0.9, 0.95]::float8[]) share offset 0
					) ranked
					where n > 0 offset 0
				) ranked using (group_id), lateral unnest(ranks) with ordinality asked (rank, place)
				where until >= rank and until - size < rank
			) found
		)`;
}

/** The lengths of those buckets, in order. */
function percentiles(sql: ISql): Part {
	return sql`
		members as (
			select number, rank - skipped as rank, length, 1 as sign
			from wanted w join sums c using (group_id),
				lateral (select array_position(c.buckets, w.bucket) as i offset 0) at,
				lateral (select coalesce(c.ends[at.i - 1], 0) as since, c.ends[at.i] as until offset 0) s,
				lateral unnest(c.lengths[s.since + skipped + 1:least(s.until, s.since + last)]) length
			where at.i is not null
			union all
			select number, rank - skipped, length, sign from wanted join single using (group_id, bucket)
		),
		percentiles as (
			select group_id, array_agg(length order by place) as lengths
			from wanted join (
				select number, min(length) as length
				from (
					select number, rank, length, sum(sign) over (partition by number order by length) as upto
					from members
				) placed
				where upto >= rank group by number
			) found using (number)
			group by group_id
		)`;
}
