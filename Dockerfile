# Odometer as an image that holds one program and nothing else: no shell, no libraries, no package manager.
FROM swift:6.3-bookworm AS build

# The static halves of the C libraries are in the -dev packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libprotobuf-c-dev zlib1g-dev libyaml-dev libsqlite3-dev libzstd-dev \
        libcrypt-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src

# Dependencies change less often than sources: this layer stays in the cache.
COPY Package.swift ./
RUN swift package resolve

# The manifest names the test targets, so their folders have to be there; nothing of them is built.
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product odometer --static-swift-stdlib -Xswiftc -static-executable \
    && strip --strip-all -o /odometer .build/release/odometer \
    && /odometer version \
    && mkdir /state /names \
    && ln -s /odometer /names/otelcol-contrib \
    && ln -s /odometer /names/otelcol

FROM scratch
COPY --from=build /odometer /odometer
COPY LICENSE /LICENSE
# Commands and health checks of compose files for the Collector call the program by its names there.
COPY --from=build /names/ /

# Where the Collector's images look for a configuration that is mounted; without one the embedded default runs.
ENV ODOMETER_CONFIG_PATHS=/etc/otelcol-contrib/config.yaml:/etc/otelcol/config.yaml

# What survives a restart. A volume, so that it also survives a new container; `docker compose` takes it over.
COPY --from=build --chown=10001:10001 /state /var/lib/odometer
ENV ODOMETER_STATE_PATH=/var/lib/odometer
VOLUME /var/lib/odometer

# A user without a name, home or rights.
USER 10001:10001

# OTLP over gRPC and over HTTP, metrics for Prometheus, health.
EXPOSE 4317 4318 8889 13133

# SIGTERM drains: what was accepted is answered before the program ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/odometer"]
