# What ./run, ./test and .ci/run need of a machine. Sourced, not run.
# As root on Debian or Ubuntu a missing package is installed; elsewhere one message says what to install.

# A user without a home folder: dotnet and NuGet need a place for their caches.
if [ ! -w "${HOME:-/nonexistent}" ]; then
  HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/obj/home
  mkdir -p "$HOME" 2>/dev/null || HOME=$(mktemp -d)
  export HOME
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# Nothing here needs ICU, but dotnet refuses to start without it unless told so.
ldconfig -p 2>/dev/null | grep libicuuc >/dev/null || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

die() { echo "error: $*" >&2; exit 2; }

need_dotnet() {
  command -v dotnet >/dev/null || die ".NET 10 is not on this machine: install its SDK (https://dotnet.microsoft.com/download), or put dotnet on PATH"
  dotnet --list-sdks | grep '^1[0-9]\.' >/dev/null || die "the .NET SDK here is older than 10: install .NET 10 (https://dotnet.microsoft.com/download)"
}

# install_packages WHY PACKAGE...   does nothing where it may not
install_packages() {
  local why=$1; shift
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  echo "Installing $* ($why)" >&2
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

have_postgres() {
  local folder
  for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin /usr/local/lib/postgresql/*/bin /opt/homebrew/opt/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] && return 0
  done
  return 1
}

# A state database of one's own is named in one of the places that the settings are read from.
have_state() {
  local name='(STATE_DB|State(__|:)ConnectionString)(_FILE)?'
  env | grep -E "^$name=." >/dev/null || grep -Eis "^[[:space:]]*(export[[:space:]]+)?$name[[:space:]]*=[[:space:]]*[^[:space:]#]" .env >/dev/null \
    || ls /run/secrets 2>/dev/null | grep -Eix "$name" >/dev/null
}

# The embedded PostgreSQL is not used when both databases are configured.
need_postgres() {
  have_postgres || { [ "${1:-}" != always ] && have_state && return 0; }
  if ! have_postgres; then
    # Debian's package would start a cluster of its own, which nobody here needs.
    if [ "$(id -u)" = 0 ] && [ -d /etc/apt ]; then
      mkdir -p /etc/postgresql-common
      [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    fi
    install_packages "for the embedded PostgreSQL" postgresql
  fi
  have_postgres || die "PostgreSQL's server programs (initdb, pg_ctl, postgres) are not on this machine. Install them (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server), or set STATE_DB and DB_* to databases of your own"
}

# A feed's schedule is read in its time zone.
need_timezones() {
  [ -e /usr/share/zoneinfo/Europe/Berlin ] || install_packages "for time zones" tzdata
}

have_mariadb() {
  local folder
  for folder in ${PATH//:/ } /usr/sbin /usr/local/sbin; do
    [ -x "$folder/mariadbd" ] && command -v mariadb-install-db >/dev/null && return 0
  done
  return 1
}

# For the tests, which start a server of their own.
need_mariadb() {
  have_mariadb && return 0
  # Debian's package would start a server for the whole machine: while it is set up, this answers that none may start.
  local policy=/usr/sbin/policy-rc.d
  (
    if [ "$(id -u)" = 0 ] && [ -d /etc/apt ] && [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' > "$policy"
      chmod +x "$policy"
    fi
    install_packages "for the tests with MariaDB" mariadb-server
  )
}

need_chromium() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || install_packages "for the browser tests" chromium
}

# A real S3 server for the tests.
need_ceph() {
  local program
  for program in ceph ceph-mon ceph-osd radosgw radosgw-admin; do
    command -v "$program" >/dev/null || { install_packages "for the S3 tests" radosgw ceph-mon ceph-osd; return; }
  done
}

# Unicode's own files, against which the table of characters in hosts is tested.
need_unicode_data() {
  [ -e /usr/share/unicode/UnicodeData.txt ] && [ -e /usr/share/unicode/idna/IdnaMappingTable.txt ] && command -v bzip2 >/dev/null \
    || install_packages "for the tests of hosts" unicode-data unicode-idna bzip2
}

# A clock of its own for one process of the fault tests.
need_faketime() {
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || install_packages "for the fault tests" faketime
}

# is_stale HERE STAMP   a source file is newer than the last build
is_stale() {
  [ ! -e "$2" ] || [ -n "$(find "$1" \( -name bin -o -name obj -o -name data -o -name .git -o -name FacilityFeed.Tests \) -prune -o -type f -newer "$2" \
    \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.csv' -o -name '*.sql' -o -name 'appsettings*.json' -o -name global.json -o -name '*.js' -o -name '*.css' \) -print -quit)" ]
}

# Builds when a source file is newer than the last build; two callers at once build once. A user who may not write here can run
# what somebody else has built.
build_if_stale() {
  local here=$1 stamp=$1/FacilityFeed.Scheduler/bin/Release/.built log
  is_stale "$here" "$stamp" || return 0
  mkdir -p "$(dirname "$stamp")" 2>/dev/null && [ -w "$(dirname "$stamp")" ] || die "$here cannot be written to, and FacilityFeed is built there: run as the user who owns it, or clone it anew"
  exec 9>"$stamp.lock"
  flock 9
  if is_stale "$here" "$stamp"; then
    echo "Building FacilityFeed ..." >&2
    log=$(mktemp)
    # A file that is saved during the build is newer than this mark, so the next call builds again.
    touch "$stamp.next"
    # Build servers outlive the build; they must not inherit the lock.
    dotnet build "$here/FacilityFeed.Scheduler" --configuration Release --nologo --verbosity quiet -nodeReuse:false -p:UseSharedCompilation=false >"$log" 2>&1 9>&- || { cat "$log" >&2; rm -f "$log"; die "the build failed"; }
    rm -f "$log"
    mv "$stamp.next" "$stamp"
  fi
  exec 9>&-
}
