# Trunkline in a container: docs/install.md says how it is run.
#
#   docker build --tag trunkline .
#   docker run --publish 127.0.0.1:4510:4510 --env TRUNKLINE_CREDENTIALS="test, test, 000000000000" trunkline

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No install scripts: the only one that matters would fetch another Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build-package.ts --stage-only
WORKDIR /build/dist/package
# In the versions that the package is locked to.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
# Made here, so that a volume which is mounted there belongs to the user of the image (node), too.
RUN mkdir /data && chown 1000:1000 /data
COPY --from=build /build/dist/package /app
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/tmp/trunkline-compiled \
    TRUNKLINE_HOST=0.0.0.0 \
    TRUNKLINE_DATA=/data
USER 1000:1000
WORKDIR /data
VOLUME ["/data"]
EXPOSE 4510
# With TLS, which the variables switch on, it is asked by TLS; whose certificate it is, is not asked on this way.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["node", "-e", "const { env } = process; require(env.TRUNKLINE_TLS_CERT ? 'https' : 'http').get({ host: '127.0.0.1', port: env.TRUNKLINE_PORT || 4510, path: '/_trunkline/health', rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=32", "/app/bin/trunkline.mjs"]
CMD ["start"]
