# The console's image: docs/image.md. Each stage is one script of infra/image, which `cargo xtask image --check` runs as well.
#
# The bases are pinned by digest. The tag beside it is for people: engines ignore it. `infra/image/pin.sh` writes the digests
# of today; `cargo xtask release` refuses a base without one.

ARG RUST_BASE=docker.io/library/rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082
ARG NODE_BASE=docker.io/library/node:22-bookworm-slim@sha256:f32b81066cde10a75dbac96646099533316d94bac4150c55da1636e1f0ffdc46
# glibc, libgcc, certificates and time zones; no shell, no package manager. Of the same Debian as the base above, so that glibc is.
ARG RUNTIME_BASE=gcr.io/distroless/cc-debian12:nonroot@sha256:bd2899c12b335c827750ccf2359879eab09c09b206023dcebea408947d54127c

FROM ${NODE_BASE} AS node

FROM ${RUST_BASE} AS source
# wasm-opt and the fonts come from npm.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .

FROM source AS web
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    --mount=type=cache,target=/src/data \
    --mount=type=cache,target=/root/.npm \
    infra/image/web.sh /out

FROM source AS server
# Cargo's profile: "dev" for a look at the image, minutes earlier.
ARG PROFILE=release
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    PROFILE=${PROFILE} infra/image/server.sh /out

FROM source AS root
COPY --from=web /out /stages/web
COPY --from=server /out /stages/server
RUN infra/image/root.sh /stages/web /stages/server /out

FROM ${RUNTIME_BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Claviger" \
      org.opencontainers.image.description="Secrets governance and just-in-time access for AWS Organizations" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=root /out/ /
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /
ENV CLAVIGER_SITE_DIR=/usr/share/claviger/site \
    CLAVIGER_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/claviger", "health"]
ENTRYPOINT ["/usr/bin/claviger"]
CMD ["serve"]
