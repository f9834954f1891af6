import { Server } from '@hocuspocus/server';

// As it comes, without anything that stores: what people see there is not committed anywhere.

const server = new Server({ address: '127.0.0.1', port: 0, quiet: true });
await server.listen();
process.send?.(server.address.port);
process.on('disconnect', () => process.exit());
