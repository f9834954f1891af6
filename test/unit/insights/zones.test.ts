import { expect, test } from 'vitest';
import { zonesWith } from '../../../src/lib/zones.ts';

test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/UTC', 'us/pacific'])(
	'%s can be chosen again where it holds, and every zone stands there once',
	(zone) => {
		const zones = zonesWith(zone);
		expect(zones).toContain(zone);
		expect(new Set(zones).size).toBe(zones.length);
		expect(zones[0]).toBe('UTC');
	},
);
