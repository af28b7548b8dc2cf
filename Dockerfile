# syntax=docker/dockerfile:1

# Any Go from the line of go.mod on will do; this one, and the flags, make the
# bytes of a release (.ci/release). The official images set
# GOTOOLCHAIN=local, so an older one would fail here, not fetch another.
FROM --platform=$BUILDPLATFORM golang:1.26.7-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/seaworthy ./cmd/seaworthy

FROM scratch
# Only uploading to code scanning talks to anybody; it needs the certificates.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/seaworthy /seaworthy
USER 65532:65532
# docker run --rm -v "$PWD:/repo:ro" IMAGE
WORKDIR /repo
ENTRYPOINT ["/seaworthy"]
