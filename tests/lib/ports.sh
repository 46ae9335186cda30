# shellcheck shell=bash
# Free ports on the loopback address.

# Prints one that nobody listens on: below the range from which systems choose
# ports for outgoing connections, so that none of those takes it meanwhile.
free_port() {
    local port
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 10000))
        if ! listening "$port"; then
            printf '%s' "$port"
            return
        fi
    done
    complain "no free port on 127.0.0.1"
    return 1
}

listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
