# The compiler runs on the builder's own platform and cross-compiles, so that an
# arm64 image does not compile under emulation. BuildKit sets BUILDPLATFORM;
# builders that do not (older Podman) read the empty value as their own platform.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src

# Modules in a layer of their own: it stays cached until go.mod or go.sum change.
COPY go.mod go.sum ./
RUN go mod download

COPY . .

# Go takes an empty GOOS or GOARCH as "this machine".
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" \
    -o /out/ ./server/cmd/longhauld ./client/cmd/longhaul

# scratch has no mkdir: the empty data directory comes from here.
RUN mkdir /out/data

FROM scratch
# For what the container calls over TLS: longhaul push to an https server.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/THIRD_PARTY_NOTICES /
COPY --from=build /out/longhauld /out/longhaul /
# A new named volume takes this owner; without it the server could not write.
COPY --from=build --chown=65532:65532 /out/data /data

# By number: scratch has no /etc/passwd, and Kubernetes proves runAsNonRoot by it.
USER 65532:65532

# The server's own default is loopback, which nobody outside a container reaches.
# The last two make `docker exec NAME longhaul push …` work: it is found, and keeps
# its resume records in the only place that can be written.
ENV LONGHAUL_LISTEN=0.0.0.0:8080 \
    LONGHAUL_DATA=/data \
    XDG_STATE_HOME=/data/.state \
    PATH=/
EXPOSE 8080
VOLUME /data

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/longhauld", "health"]
ENTRYPOINT ["/longhauld"]

# Last, because the version changes most often.
ARG VERSION=dev
LABEL org.opencontainers.image.title="Longhaul" \
      org.opencontainers.image.description="Receives large files over HTTP and never makes anybody send a byte twice (tus 1.0.0)." \
      org.opencontainers.image.source="https://github.com/longhaul-io/longhaul" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
