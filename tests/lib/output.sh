# shellcheck shell=bash
# What a run of tests/run prints: headings, stages with their duration, the summary.

SUMMARY=()
FAILED=()

say() {
    printf '%s\n' "$*"
}

complain() {
    printf '%s\n' "$*" >&2
}

heading() {
    printf '\n==> %s\n' "$*"
}

# stage NAME TITLE COMMAND…: runs the command, whatever becomes of it, and notes
# the result. It runs in a subshell with errexit on, so do not call this as part of
# a condition, where bash ignores errexit.
stage() {
    local name=$1 title=$2 started=$SECONDS status
    shift 2
    heading "$name: $title"
    set +e
    (
        set -e
        "$@"
    ) </dev/null
    status=$?
    set -e
    if ((status == 0)); then
        note "$name" passed $((SECONDS - started))
    else
        note "$name" FAILED $((SECONDS - started))
    fi
}

# A stage that cannot run counts as failed.
stage_impossible() {
    heading "$1: not run, $2"
    note "$1" 'NOT RUN' 0
}

note() {
    local name=$1 result=$2 seconds=$3
    SUMMARY+=("$(printf '%-14s %-8s %5d s' "$name" "$result" "$seconds")")
    if [[ $result != passed ]]; then
        FAILED+=("$name")
    fi
}

# Prints the table and the verdict; fails if any stage did.
summarize() {
    heading summary
    printf '%s\n' "${SUMMARY[@]}"
    printf '\n'
    if ((${#FAILED[@]} > 0)); then
        say "tests/run: FAILED: ${FAILED[*]}"
        return 1
    fi
    say "tests/run: success, all ${#SUMMARY[@]} stages passed"
}
