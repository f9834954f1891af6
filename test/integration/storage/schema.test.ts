import { expect, test } from 'vitest';
import { testDatabase } from '../../support/database.ts';
import { describeSchema } from '../../support/schema.ts';

test('the migrations end in the schema that test/support/schema.sql shows (vitest -u writes it)', async () => {
	await using database = await testDatabase();
	const schema = await describeSchema(database.sql);
	await expect(schema).toMatchFileSnapshot('../../support/schema.sql');
});
