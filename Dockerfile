# The image contains only the program: no shell, no libraries, no package manager.
FROM swift:6.3-bookworm AS build

# The -dev packages contain the static C libraries.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libprotobuf-c-dev zlib1g-dev libyaml-dev libsqlite3-dev libzstd-dev \
        libcrypt-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src

# A layer of its own, since dependencies change less often than sources.
COPY Package.swift ./
RUN swift package resolve

# The manifest lists the test targets, so their folders must exist; they are not built.
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
# Compose files for the Collector call the program by these names.
COPY --from=build /names/ /

# The paths of mounted configurations in the Collector's images; without one Odometer uses its embedded default.
ENV ODOMETER_CONFIG_PATHS=/etc/otelcol-contrib/config.yaml:/etc/otelcol/config.yaml

# The state directory. A volume, so that it survives a new container; `docker compose` keeps it.
COPY --from=build --chown=10001:10001 /state /var/lib/odometer
ENV ODOMETER_STATE_PATH=/var/lib/odometer
VOLUME /var/lib/odometer

# An unprivileged user without a name or home.
USER 10001:10001

# OTLP over gRPC and over HTTP, metrics for Prometheus, health.
EXPOSE 4317 4318 8889 13133

# SIGTERM drains: accepted requests are answered before the program ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/odometer"]
