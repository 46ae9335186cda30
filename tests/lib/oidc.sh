# shellcheck shell=bash
# Identity providers of our own (tests/oidc-provider). Needs output.sh, packages.sh and ports.sh.
#
# They live in one directory: port, pid, log.

OIDC_PROGRAM=$ROOT/target/oidc-provider

# oidc_start DIRECTORY: starts them unless they run; afterwards oidc_url tells where they are.
oidc_start() {
    local directory=$1 port
    if oidc_running "$directory"; then
        return
    fi
    ensure_oidc
    mkdir -p "$directory"
    # Another program can take the port between our look and the start: try again.
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        (cd "$OIDC_PROGRAM" && exec node provider.mjs "$port") >"$directory/log" 2>&1 </dev/null &
        printf '%s' "$!" >"$directory/pid"
        if oidc_answers "$directory" "$port"; then
            printf '%s' "$port" >"$directory/port"
            return
        fi
    done
    complain "the identity providers do not start; the end of their log:"
    tail -n 20 "$directory/log" >&2
    return 1
}

# Exactly the packages of the lock file, none of whose scripts run; anew when it has changed.
ensure_oidc() {
    local source=$ROOT/tests/oidc-provider
    if ! cmp -s "$source/package-lock.json" "$OIDC_PROGRAM/installed.json"; then
        say "installing tests/oidc-provider into ${OIDC_PROGRAM#"$ROOT/"}"
        rm -rf "$OIDC_PROGRAM"
        mkdir -p "$OIDC_PROGRAM"
        cp "$source/package.json" "$source/package-lock.json" "$OIDC_PROGRAM"
        (cd "$OIDC_PROGRAM" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
        cp "$source/package-lock.json" "$OIDC_PROGRAM/installed.json"
    fi
    cp "$source/provider.mjs" "$OIDC_PROGRAM"
}

oidc_running() {
    [[ -s $1/pid ]] && kill -0 "$(<"$1/pid")" 2>/dev/null
}

oidc_answers() {
    for _ in {1..100}; do
        oidc_running "$1" || return 1
        if listening "$2"; then
            return
        fi
        sleep 0.1
    done
    return 1
}

oidc_stop() {
    if oidc_running "$1"; then
        kill "$(<"$1/pid")"
    fi
}

oidc_url() {
    printf 'http://127.0.0.1:%s' "$(<"$1/port")"
}
