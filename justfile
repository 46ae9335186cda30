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
    rm -rf target/demo
    cargo run -p crm-server -- --demo --data-dir target/demo

# run every check, or the stages named: just test lint test
test *args:
    tests/run "$@"

# check format, lints and dependencies
lint:
    tests/run fmt lint deny

# format the code
fmt:
    cargo fmt --all

# try the rules of the domain with a million random operations
properties:
    PROPTEST_CASES=10000 cargo test --release -p domain-sales --test properties
    PROPTEST_CASES=10000 cargo test --release -p domain-catalog --test stock

# measure
bench *args:
    tests/bench/run "$@"

# rebuild the generated files: docs/configuration.md and docs/openapi.json
gen:
    UPDATE_DOCS=1 cargo test -p infra-runtime reference
    UPDATE_DOCS=1 cargo test -p crm-server --lib committed

# look for known advisories against our dependencies (needs the internet)
audit:
    tests/run audit

# a Postgres for development: start, stop, url or psql
postgres *args='start':
    tests/postgres "$@"

# a Redis for development: start, stop, url or cli
redis *args='start':
    tests/redis "$@"

# identity providers for development: start, stop or url
oidc *args='start':
    tests/oidc "$@"

# build and open the documentation of the crates
doc:
    cargo doc --workspace --no-deps --open
