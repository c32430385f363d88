# The agent alone: its binary, the shared libraries that it is linked with and CA certificates. No
# shell, no package manager; any user may run it, on a read-only root.
#
#   make image        builds streamgauge:VERSION with podman or docker

FROM docker.io/library/debian:trixie-slim AS build
WORKDIR /src
# From what changes least to what changes most. The lists of packages and libraries are the
# project's own.
COPY tools/common.sh tools/setup.sh tools/
RUN tools/setup.sh build && apt-get clean
COPY tools/deps.sh tools/
COPY cmake cmake
RUN --mount=type=cache,target=/root/.cache/ccache tools/deps.sh
COPY CMakeLists.txt ./
COPY agent agent
ARG REVISION=unknown
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake -S . -B build -G Ninja -DSTREAMGAUGE_TESTS=OFF "-DSTREAMGAUGE_REVISION=$REVISION" \
      -DCMAKE_INSTALL_PREFIX=/usr \
    && cmake --build build --target streamgauge \
    && DESTDIR=/image cmake --install build --component streamgauge --strip
COPY LICENSE ./
COPY tools/image/collect.sh tools/image/
RUN tools/image/collect.sh /image /usr/bin/streamgauge

FROM scratch
COPY --from=build /image /
# OpenSSL and librdkafka look here for the authorities that they trust.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
EXPOSE 9760
ENTRYPOINT ["/usr/bin/streamgauge"]
CMD ["--config=/etc/streamgauge/config/streamgauge.yml"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="streamgauge" \
      org.opencontainers.image.description="How far behind every consumer of Redis Streams and Kafka is" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="scratch"
