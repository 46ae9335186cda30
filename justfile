# Short names for what developers do; each is one plain command or two.

set positional-arguments

# list the recipes
default:
    @just --list --unsorted

# install what building and testing needs
setup:
    tests/run --install

# start the server
run *args:
    cargo run -p crm-server -- "$@"

# start the server on a new SQLite file with sample data
demo:
    mkdir -p target/demo
    rm -f target/demo/crm.db*
    CRM_DATABASE_URL=sqlite:target/demo/crm.db CRM_DATA_DIR=target/demo cargo run -p crm-admin -- demo
    CRM_DATABASE_URL=sqlite:target/demo/crm.db CRM_DATA_DIR=target/demo cargo run -p crm-server

# run every check, or the stages named: just test lint test
test *args:
    tests/run "$@"

# check format, lints and dependencies
lint:
    tests/run fmt lint deny

# format the code
fmt:
    cargo fmt --all

# measure
bench *args:
    tests/bench/run "$@"

# rebuild the generated files
gen: openapi
    UPDATE_DOCS=1 cargo test -p infra-runtime reference

# rebuild docs/openapi.json
openapi:
    mkdir -p target
    cargo run -p crm-admin -- openapi > target/openapi.json
    mv target/openapi.json docs/openapi.json

# look for known advisories against our dependencies (needs the internet)
audit:
    tests/run audit

# a Postgres for development: start, stop, url or psql
postgres *args='start':
    tests/postgres "$@"

# build and open the documentation of the crates
doc:
    cargo doc --workspace --no-deps --open
