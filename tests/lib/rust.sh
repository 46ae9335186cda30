# shellcheck shell=bash
# The Rust toolchain. Needs output.sh and packages.sh.

# ensure_rust STAGE…: cargo, and the components that these stages use.
ensure_rust() {
    if ! have cargo; then
        complain "tests/run: cargo is missing: install Rust with rustup, https://rustup.rs"
        return 1
    fi
    if needed_by fmt "$@"; then
        ensure_component fmt rustfmt
    fi
    if needed_by lint "$@"; then
        ensure_component clippy clippy
    fi
}

ensure_component() {
    local subcommand=$1 component=$2
    if cargo "$subcommand" --version >/dev/null 2>&1; then
        return
    fi
    if have rustup && rustup component add "$component"; then
        return
    fi
    complain "tests/run: 'cargo $subcommand' is missing. Please run:"
    complain
    complain "    rustup component add $component"
    return 1
}

# Where cargo puts a binary of the debug build.
debug_binary() {
    local target=${CARGO_TARGET_DIR:-$ROOT/target}
    if [[ $target != /* ]]; then
        target=$ROOT/$target
    fi
    printf '%s/debug/%s' "$target" "$1"
}
