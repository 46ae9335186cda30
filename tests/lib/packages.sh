# shellcheck shell=bash
# What the stages need from the system, and how it gets there.
# Needs output.sh, python.sh and postgres.sh.

# One line each: how to tell that it is there | Debian's packages | who needs it.
requirements() {
    cat <<LIST
have cc       | gcc libc6-dev      | lint test schemathesis
find_postgres | postgresql         | test schemathesis postgres
have redis-server | redis-server   | test redis
have_node     | nodejs npm         | test oidc
find_python   | $(python_packages) | deny audit test schemathesis
have curl     | curl               | test schemathesis
have chromium | chromium           | test
LIST
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Debian has npm in a package of its own.
have_node() {
    have node && have npm
}

# ensure_packages STAGE…: installs what these stages miss, or says what to install.
ensure_packages() {
    local missing
    # Twice, since what is missing can depend on what there is: an old python3
    # asks for a newer one beside it.
    for _ in 1 2; do
        missing=$(missing_packages "$@")
        if [[ -z $missing ]]; then
            return
        fi
        install_packages "$missing" || break
    done
    missing=$(missing_packages "$@")
    if [[ -n $missing ]]; then
        say_what_to_install "$missing"
        return 1
    fi
}

# The packages for these stages that are not there, on one line.
missing_packages() {
    local check packages stages missing=()
    while IFS='|' read -r check packages stages; do
        # Both are lists of words.
        # shellcheck disable=SC2086,SC2206
        if needed_by "$stages" "$@" && ! $check >/dev/null; then
            missing+=($packages)
        fi
    done < <(requirements)
    printf '%s' "${missing[*]}"
}

# needed_by "STAGES" STAGE…: whether one of the stages is on the list.
needed_by() {
    local list=" $1 " stage
    shift
    for stage in "$@"; do
        if [[ $list == *" $stage "* ]]; then
            return 0
        fi
    done
    return 1
}

install_packages() {
    local packages=$1 root
    have apt-get || return 1
    root=$(root_prefix) || return 1
    heading "installing $packages"
    # The prefix and the packages are lists of words.
    # shellcheck disable=SC2086
    $root apt-get update -qq &&
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $packages
}

# The words before a command that make it run as root; fails if there is no way.
root_prefix() {
    if ((EUID == 0)); then
        return
    elif have sudo && sudo -n true 2>/dev/null; then
        printf 'sudo -n'
    elif have sudo && [[ -t 0 && -t 2 && -z ${CI:-} ]]; then
        printf 'sudo'
    else
        return 1
    fi
}

say_what_to_install() {
    complain
    complain "tests/run: packages are missing and could not be installed from here. Please run:"
    complain
    complain "    sudo apt-get install -y --no-install-recommends $1"
    complain
    complain "(or your system's equivalent: PostgreSQL 15 or newer, Redis 6 or newer, Node.js 18 or newer with npm, Chromium, Python 3.11 or newer with venv)"
}
