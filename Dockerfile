# The service and PostgreSQL's server programs, for an embedded state. How to run it: README.md, "Run it in containers".
#   docker build -t facilityfeed .
#   docker run --rm --env-file .env -v facilityfeed:/data facilityfeed publish facility

# Pinned to .NET 10 on Ubuntu 24.04; a rebuild takes up security fixes and nothing else.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
# What the packages depend on, before the sources: a change of code does not restore them again.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY FacilityFeed.Domain/FacilityFeed.Domain.csproj FacilityFeed.Domain/
COPY FacilityFeed.Infrastructure/FacilityFeed.Infrastructure.csproj FacilityFeed.Infrastructure/
COPY FacilityFeed.Scheduler/FacilityFeed.Scheduler.csproj FacilityFeed.Scheduler/
RUN dotnet restore FacilityFeed.Scheduler
COPY .editorconfig db-init.sql ./
COPY FacilityFeed.Domain/ FacilityFeed.Domain/
COPY FacilityFeed.Infrastructure/ FacilityFeed.Infrastructure/
COPY FacilityFeed.Scheduler/ FacilityFeed.Scheduler/
RUN dotnet publish FacilityFeed.Scheduler --no-restore --configuration Release --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
LABEL org.opencontainers.image.title="FacilityFeed" \
      org.opencontainers.image.description="Makes complete, valid feeds of facilities on durable background jobs" \
      org.opencontainers.image.licenses="MIT"
# The major version of PostgreSQL is named: an embedded database in a volume opens with the one that made it and no other.
# Ubuntu's package would start a cluster of its own, which nobody here needs. libnss-wrapper is for docker run --user.
RUN mkdir -p /etc/postgresql-common \
 && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-16 tzdata libnss-wrapper \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
COPY deploy/healthcheck /app/healthcheck
# The user app (1654) is the base image's. Group 0 may write too: platforms that choose a user id give it that group.
RUN install -d -o "$APP_UID" -g 0 -m 0775 /data
# The last one takes back the base image's: our port is HTTP_PORT.
ENV DATA_DIR=/data/state \
    LOCAL_STORAGE_PATH=/data/feeds \
    ASPNETCORE_HTTP_PORTS=
VOLUME /data
WORKDIR /data
USER $APP_UID
EXPOSE 5080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "/app/healthcheck"]
ENTRYPOINT ["dotnet", "/app/FacilityFeed.Scheduler.dll"]
CMD ["serve"]
