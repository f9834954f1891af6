FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run prepare && npm run build
# The image has its own Node; the packaged one is for checkouts.
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node-* node_modules/.bin/node
# Links the libraries of the embedded PostgreSQL, which the user below may not.
RUN node --input-type=module -e "import { findBinaries } from '/app/server/storage/embedded/binaries.ts'; await findBinaries(null);"

# Writes to /data and /tmp alone: docker run --read-only --tmpfs /tmp --volume muster:/data …
FROM node:24.21.0-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY --from=build /app/core ./core
COPY --from=build /app/server ./server
RUN printf '#!/bin/sh\nexec node /app/server/cli/muster.ts "$@"\n' > /usr/local/bin/muster \
	&& chmod +x /usr/local/bin/muster \
	&& install -d -o node -g node -m 700 /data
# The image's user "node" by its number: Kubernetes sees that it is not root by nothing else.
USER 1000:1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
	CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/main.ts"]
