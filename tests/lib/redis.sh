# shellcheck shell=bash
# A Redis of our own, which keeps nothing. Needs output.sh, packages.sh and ports.sh.
#
# It lives in one directory: port, pid, log.

# redis_start DIRECTORY: starts it unless it runs; afterwards redis_url tells where it is.
redis_start() {
    local directory=$1 port
    if redis_running "$directory"; then
        return
    fi
    mkdir -p "$directory"
    # Another program can take the port between our look and the start: try again.
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        # Many databases: each test takes one.
        redis-server --bind 127.0.0.1 --port "$port" --databases 10000 --save '' \
            --appendonly no --daemonize yes --dir "$directory" \
            --pidfile "$directory/pid" --logfile "$directory/log" >/dev/null
        if redis_answers "$port"; then
            printf '%s' "$port" >"$directory/port"
            return
        fi
    done
    complain "Redis does not start; the end of its log:"
    tail -n 20 "$directory/log" >&2
    return 1
}

redis_running() {
    [[ -s $1/pid ]] && kill -0 "$(<"$1/pid")" 2>/dev/null
}

redis_answers() {
    for _ in {1..50}; do
        if [[ $(redis-cli -h 127.0.0.1 -p "$1" ping 2>/dev/null) == PONG ]]; then
            return
        fi
        sleep 0.1
    done
    return 1
}

redis_stop() {
    if redis_running "$1"; then
        kill "$(<"$1/pid")"
    fi
}

redis_url() {
    printf 'redis://127.0.0.1:%s' "$(<"$1/port")"
}
