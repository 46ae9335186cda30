# shellcheck shell=bash
# Python, for the tools that come from its package index. Needs output.sh.

# Prints a Python that can make virtual environments; schemathesis wants 3.11.
find_python() {
    local python
    for python in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c "$PYTHON_FITS" 2>/dev/null; then
            printf '%s' "$python"
            return
        fi
    done
    return 1
}

PYTHON_FITS='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

# The Debian packages for it: the system's python3, unless that is too old.
python_packages() {
    if /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info >= (3, 11))' 2>/dev/null; then
        printf 'python3.11 python3.11-venv'
    else
        printf 'python3 python3-venv'
    fi
}

# ensure_venv DIRECTORY REQUIREMENTS: a virtual environment with exactly these
# packages, made anew when the file has changed.
ensure_venv() {
    local directory=$1 requirements=$2 stamp=$1/requirements.txt
    if cmp -s "$requirements" "$stamp" && "$directory/bin/python" -c '' 2>/dev/null; then
        return
    fi
    say "installing ${requirements#"$ROOT/"} into ${directory#"$ROOT/"}"
    rm -rf "$directory"
    mkdir -p "$(dirname "$directory")"
    "$(find_python)" -m venv "$directory" &&
        "$directory/bin/python" -m pip install --quiet --no-input \
            --disable-pip-version-check --only-binary :all: \
            --requirement "$requirements" &&
        cp "$requirements" "$stamp"
}
