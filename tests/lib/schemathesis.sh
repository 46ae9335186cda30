# shellcheck shell=bash
# Schemathesis against the real server, once per database.
# Needs output.sh, python.sh, ports.sh, postgres.sh and rust.sh.

SCHEMATHESIS_VENV=$ROOT/target/schemathesis-venv
SCHEMATHESIS_EMAIL=schemathesis@example.com
SCHEMATHESIS_SLUG=schemathesis-s-workspace
# Two runs beside each other take some minutes; one that takes longer hangs.
SCHEMATHESIS_TIMEOUT=1500

# test_api WORK: on both databases at a time, because schemathesis sends one request after the
# other and so keeps no more than one core busy. WORK is a directory for their data.
test_api() {
    local database status=0
    local -A runs=()
    ensure_venv "$SCHEMATHESIS_VENV" "$ROOT/tests/schemathesis/requirements.txt"
    # The same binaries as those of the tests: built by themselves, they would have other features.
    cargo test --workspace --no-run --locked
    mkdir -p "$ROOT/target/schemathesis"
    # What runs in the background does not hear of Ctrl-C.
    trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
    for database in sqlite postgres; do
        say "on $database: target/schemathesis/$database.log"
        test_api_on "$database" "$1" >"$ROOT/target/schemathesis/$database.log" 2>&1 &
        runs[$database]=$!
    done
    for database in sqlite postgres; do
        if ! wait "${runs[$database]}"; then
            status=1
            cat "$ROOT/target/schemathesis/$database.log"
        fi
    done
    return "$status"
}

# test_api_on DATABASE WORK: `sqlite` or `postgres`. Runs in a subshell of its own, so that
# nothing of it lasts.
test_api_on() {
    local database=$1 work=$2/schemathesis-$1
    # The server's log stays here, to be read after a failure.
    local output=$ROOT/target/schemathesis/$database
    rm -rf "$output"
    mkdir -p "$output" "$work"
    trap stop_server EXIT
    "prepare_$database" "$work"
    start_server "$work" "$output/server.log"
    check_document "$output"
    sign_up
    call_schemathesis "$output"
}

prepare_sqlite() {
    export CRM_DATABASE_URL=sqlite:$1/crm.db
}

# As in production: one role owns the tables, the server connects as another,
# which the migration makes.
prepare_postgres() {
    local password address=${TEST_POSTGRES_URL#*@}
    password=$(random_password)
    address=${address%/*}/schemathesis
    "$(find_postgres)/psql" "$TEST_POSTGRES_URL" --quiet --set ON_ERROR_STOP=1 <<SQL
CREATE ROLE schemathesis_owner LOGIN CREATEROLE PASSWORD '$password';
CREATE DATABASE schemathesis OWNER schemathesis_owner;
SQL
    export CRM_DATABASE_OWNER_URL=postgres://schemathesis_owner:$password@$address
    export CRM_DATABASE_URL=postgres://schemathesis_app:$password@$address
    "$(debug_binary crm-admin)" migrate
    # The server does not get to see it.
    unset CRM_DATABASE_OWNER_URL
}

# Sets SERVER_PID and SERVER_URL.
start_server() {
    local work=$1 log=$2 port
    port=$(free_port)
    SERVER_URL=http://127.0.0.1:$port
    export CRM_LISTEN=127.0.0.1:$port CRM_DATA_DIR=$work/data
    without_rate_limits
    "$(debug_binary crm-server)" </dev/null >"$log" 2>&1 &
    SERVER_PID=$!
    wait_until_ready "$log"
}

# They have tests of their own; here they would turn answers into 429 and 423.
without_rate_limits() {
    export CRM_THROTTLE=false CRM_LOGIN_MAX_ATTEMPTS=1000000
}

wait_until_ready() {
    local log=$1
    for _ in {1..300}; do
        if curl --silent --fail --output /dev/null "$SERVER_URL/readyz"; then
            return
        fi
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.2
    done
    complain "crm-server does not get ready; the end of its log:"
    tail -n 30 "$log" >&2
    return 1
}

stop_server() {
    if [[ -n ${SERVER_PID:-} ]]; then
        kill "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
        SERVER_PID=
    fi
}

# The document is valid OpenAPI, in both forms.
check_document() {
    local form
    for form in json yaml; do
        curl --silent --fail --output "$1/schema.$form" "$SERVER_URL/api/schema/?format=$form"
        "$SCHEMATHESIS_VENV/bin/openapi-spec-validator" "$1/schema.$form"
    done
}

# A user with two tokens: one to work with, one for the operation that ends it.
sign_up() {
    local password
    password=$(random_password)
    SCHEMATHESIS_TOKEN=$(token_from register \
        "{\"email\": \"$SCHEMATHESIS_EMAIL\", \"password\": \"$password\"}")
    # Everything that a plan can include.
    "$(debug_binary crm-admin)" org set-plan "$SCHEMATHESIS_SLUG" enterprise
    SCHEMATHESIS_SPARE_TOKEN=$(token_from token \
        "{\"username\": \"$SCHEMATHESIS_EMAIL\", \"password\": \"$password\"}")
    export SCHEMATHESIS_TOKEN SCHEMATHESIS_SPARE_TOKEN
}

# token_from ENDPOINT BODY: the token in the answer.
token_from() {
    curl --silent --show-error --fail-with-body --max-time 30 \
        --header 'Content-Type: application/json' --data "$2" \
        "$SERVER_URL/api/auth/$1/" |
        "$SCHEMATHESIS_VENV/bin/python" -c "$PRINT_TOKEN"
}

PRINT_TOKEN='
import sys, json
answer = sys.stdin.read()
try:
    print(json.loads(answer)["access"])
except (ValueError, KeyError, TypeError):
    sys.exit("no token in the answer: " + answer)
'

call_schemathesis() {
    local output=$1 status=0
    (
        # Hypothesis leaves its files in the working directory.
        cd "$output"
        export SCHEMATHESIS_HOOKS=$ROOT/tests/schemathesis/hooks.py
        timeout --foreground "$SCHEMATHESIS_TIMEOUT" "$SCHEMATHESIS_VENV/bin/st" \
            --config-file "$ROOT/tests/schemathesis/schemathesis.toml" \
            run --origin "$SERVER_URL" "$SERVER_URL/api/schema/?format=json" </dev/null
    ) || status=$?
    if ((status == 124)); then
        complain "schemathesis was stopped after $SCHEMATHESIS_TIMEOUT s"
    fi
    if ((status != 0)); then
        complain "the server's log: ${output#"$ROOT/"}/server.log; its errors:"
        grep -iE 'error|panic' "$output/server.log" | tail -n 20 >&2 || true
    fi
    return "$status"
}
