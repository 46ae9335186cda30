# shellcheck shell=bash
# A Postgres cluster of our own: its data is worth nothing, so nothing waits for
# the disk. Needs output.sh, packages.sh and ports.sh.
#
# A cluster lives in one directory: data/, password, port, url, log.

POSTGRES_OLDEST=15

# Prints the directory with the newest PostgreSQL's programs.
find_postgres() {
    local directory version newest=$((POSTGRES_OLDEST - 1)) found=
    while read -r directory; do
        version=$(postgres_version "$directory") || continue
        if ((version > newest)); then
            newest=$version found=$directory
        fi
    done < <(postgres_directories)
    [[ -n $found ]] && printf '%s' "$found"
}

# Debian keeps them off PATH.
postgres_directories() {
    printf '%s\n' /usr/lib/postgresql/*/bin
    tr ':' '\n' <<<"$PATH"
}

# The major version of the programs in a directory.
postgres_version() {
    local version
    [[ -x $1/initdb && -x $1/pg_ctl ]] || return 1
    version=$("$1/initdb" --version) || return 1
    [[ $version =~ ([0-9]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# postgres_start DIRECTORY: makes the cluster if it is new and starts it if it is
# stopped; afterwards postgres_url tells where it is.
postgres_start() {
    local directory=$1
    if postgres_running "$directory"; then
        return
    fi
    if [[ ! -s $directory/data/PG_VERSION ]]; then
        postgres_create "$directory"
    fi
    postgres_launch "$directory"
}

postgres_running() {
    [[ -e $1/data ]] && postgres_program pg_ctl -D "$1/data" status >/dev/null 2>&1
}

postgres_create() {
    local directory=$1
    mkdir -p "$directory"
    (
        umask 077
        random_password >"$directory/password"
        : >"$directory/log"
    )
    postgres_own "$directory"
    # A language's order by default: what must sort alike on every database has
    # to say so, and a test finds the place that does not.
    local locale=(--locale=C.UTF-8)
    if (($(postgres_version "$(find_postgres)") >= 15)); then
        locale+=(--locale-provider=icu --icu-locale=en-US)
    fi
    postgres_program initdb -D "$directory/data" --username=postgres --encoding=UTF8 \
        "${locale[@]}" --auth=scram-sha-256 --pwfile="$directory/password" \
        --no-sync >"$directory/initdb.log" || {
        cat "$directory/initdb.log"
        rm -rf "$directory/data"
        return 1
    }
    postgres_settings | as_postgres tee -a "$directory/data/postgresql.conf" >/dev/null
}

postgres_settings() {
    cat <<'CONF'
listen_addresses = '127.0.0.1'
# No socket: its path would have to be short.
unix_socket_directories = ''
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
}

# Another program can take the port between our look and the start: try again.
postgres_launch() {
    local directory=$1 port
    for _ in 1 2 3 4 5; do
        port=$(postgres_port "$directory")
        if postgres_program pg_ctl -D "$directory/data" -l "$directory/log" -o "-p $port" \
            -s -w -t 60 start; then
            printf '%s' "$port" >"$directory/port"
            return
        fi
    done
    complain "PostgreSQL does not start; the end of its log:"
    tail -n 20 "$directory/log" >&2
    return 1
}

# The port it had before, so that its address stays the same, else a free one.
postgres_port() {
    local before
    before=$(cat "$1/port" 2>/dev/null || true)
    if [[ -n $before ]] && ! listening "$before"; then
        printf '%s' "$before"
    else
        free_port
    fi
}

# postgres_stop DIRECTORY [MODE]: mode `immediate` does not care about the data.
postgres_stop() {
    if postgres_running "$1"; then
        postgres_program pg_ctl -D "$1/data" -s -w -m "${2:-fast}" stop
    fi
}

# The superuser's URL.
postgres_url() {
    printf 'postgres://postgres:%s@127.0.0.1:%s/postgres' \
        "$(<"$1/password")" "$(<"$1/port")"
}

# postgres_psql DIRECTORY ARGUMENT…: as the superuser.
postgres_psql() {
    local directory=$1
    shift
    "$(find_postgres)/psql" "$(postgres_url "$directory")" "$@"
}

postgres_program() {
    local program=$1
    shift
    as_postgres "$(find_postgres)/$program" "$@"
}

# PostgreSQL refuses to run as root. It starts from / because that user may not
# be allowed into our working directory.
as_postgres() (
    cd /
    if ((EUID == 0)); then
        exec runuser -u "$(postgres_user)" -- "$@"
    fi
    exec "$@"
)

postgres_user() {
    if id postgres >/dev/null 2>&1; then
        printf postgres
    else
        printf nobody
    fi
}

# Hands the directory to the user that PostgreSQL runs as.
postgres_own() {
    local directory=$1
    chmod 700 "$directory"
    if ((EUID != 0)); then
        return
    fi
    chown -R "$(postgres_user)" "$directory"
    if ! as_postgres test -w "$directory"; then
        complain "PostgreSQL does not run as root, and the user $(postgres_user) cannot reach"
        complain "$directory: work from a directory that others may enter, or not as root."
        return 1
    fi
}

# 128 random bits that need no escaping in a URL.
random_password() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}
