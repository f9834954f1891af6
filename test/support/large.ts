/** Whether the large sizes are tried: `npm run test:fault -- --large`. */
export const isLarge = process.env['MUSTER_TEST_LARGE'] === '1';
