# Stands in for prom/prometheus where it cannot be pulled.
FROM debian:trixie-slim
RUN apt-get update -q && apt-get install -y -q --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/*
RUN mkdir /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
