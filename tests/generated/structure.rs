//! The crates: who may depend on whom, on what, and how their sources look.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// Who of ours may know whom, and why. A crate that is not here may know nobody.
const MAY_KNOW: &[(&str, &[&str], &str)] = &[
    ("domain-kernel", &[], "the nouns that all share know nobody"),
    ("domain-accounts", &["domain-kernel"], "its nouns, its ports"),
    ("domain-catalog", &["domain-kernel"], "its nouns, its ports"),
    (
        "domain-integrations",
        &["domain-kernel", "domain-catalog", "domain-sales"],
        "its nouns, its ports; what comes in becomes rows of sales and of the catalog",
    ),
    ("domain-jobs", &["domain-kernel"], "its nouns, its ports"),
    (
        "domain-sales",
        &["domain-kernel", "domain-catalog"],
        "its nouns, its ports; orders are of variants",
    ),
    (
        "infra-postgres",
        &["domain-kernel", "domain-accounts", "domain-catalog", "domain-jobs", "domain-sales"],
        "keeps what every domain crate gives it",
    ),
    (
        "infra-sqlite",
        &["domain-kernel", "domain-accounts", "domain-catalog", "domain-jobs", "domain-sales"],
        "the same source, for the other database",
    ),
    ("infra-auth", &["domain-kernel", "domain-accounts"], "the port of passwords"),
    (
        "infra-cache",
        &["domain-kernel", "domain-accounts"],
        "the ports of remembered sign-ins and of counting, in memory",
    ),
    (
        "infra-redis",
        &["domain-kernel", "domain-accounts"],
        "the ports of counting, for several servers",
    ),
    ("infra-http", &["domain-kernel"], "clients for whom the operator names"),
    (
        "infra-oidc",
        &["domain-kernel", "domain-accounts", "infra-http"],
        "the port of identity providers",
    ),
    ("infra-files", &["domain-kernel", "infra-http"], "the ports of files and pictures"),
    ("infra-mail", &["domain-kernel"], "the port of letters"),
    ("infra-sheets", &["domain-kernel", "domain-integrations"], "the port of spreadsheets"),
    (
        "infra-runtime",
        &[
            "domain-kernel",
            "domain-accounts",
            "domain-catalog",
            "domain-integrations",
            "domain-jobs",
            "domain-sales",
            "infra-postgres",
            "infra-sqlite",
            "infra-auth",
            "infra-cache",
            "infra-redis",
            "infra-oidc",
            "infra-files",
            "infra-mail",
            "infra-sheets",
        ],
        "the composition: every port with its adapter",
    ),
    ("web-ui", &[], "pages from what they are given, and from nothing else"),
    (
        "demo-data",
        &["domain-kernel", "domain-accounts", "domain-catalog", "domain-sales"],
        "fills a workspace through the use cases",
    ),
    (
        "testkit",
        &["domain-kernel", "domain-accounts", "domain-catalog", "domain-jobs", "domain-sales"],
        "the contracts of the ports and a fake of the store",
    ),
    (
        "crm-server",
        &[
            "domain-kernel",
            "domain-accounts",
            "domain-catalog",
            "domain-integrations",
            "domain-jobs",
            "domain-sales",
            "infra-runtime",
            "web-ui",
            "demo-data",
        ],
        "HTTP over the use cases; adapters only by the composition",
    ),
    (
        "crm-admin",
        &[
            "domain-kernel",
            "domain-accounts",
            "domain-jobs",
            "infra-runtime",
            "crm-server",
            "demo-data",
        ],
        "the command line over the use cases; writes the server's document",
    ),
];

/// What drives the whole system from outside may know everybody, and nobody may know it.
const OUTSIDE: &[&str] = &["system-tests", "bench"];

/// The small value crates that the domain may use, and what for.
const DOMAIN_MAY_USE: &[(&str, &str)] = &[
    ("async-trait", "ports that are objects"),
    ("base64", "cursors and tokens as text"),
    ("croner", "what a cron expression means"),
    ("email_address", "what an e-mail address is"),
    ("futures-util", "waiting for several things at once, on whatever runtime"),
    ("jiff", "instants, dates, time zones"),
    ("serde", "values as others read them"),
    ("serde_json", "JSON values"),
    ("sha2", "digests of tokens"),
    ("slug", "names in addresses"),
    ("thiserror", "errors"),
    ("unicase", "folding case"),
    ("unicode-normalization", "folding forms"),
    ("url", "what a web address is"),
    ("uuid", "ids of events"),
];

/// What the domain must not reach, not even through others.
const NO_TECHNOLOGY: &[&str] = &[
    "actix-web",
    "actix-http",
    "argon2",
    "axum",
    "deadpool",
    "diesel",
    "diesel-async",
    "hyper",
    "libsqlite3-sys",
    "moka",
    "openidconnect",
    "paperclip",
    "redis",
    "reqwest",
    "rustls",
    "tokio",
    "tokio-postgres",
    "tracing-subscriber",
];

/// What nobody may have, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "rustls is the one TLS"),
    ("openssl-sys", "rustls is the one TLS"),
    ("native-tls", "rustls is the one TLS"),
    ("actix-governor", "GPL; use governor"),
];

/// Longest source file, in lines: one more is two subjects.
const MAX_LINES: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).other_options(vec!["--offline".to_owned()]);
    command.exec().expect("cargo describes the workspace")
}

/// What a crate of ours is built from: its dependencies but for those of its tests.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let built = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
    built.map(|dependency| dependency.name.as_str()).collect()
}

/// Every crate that a crate is built from, also through others.
fn tree<'m>(metadata: &'m Metadata, package: &Package) -> BTreeSet<&'m str> {
    let resolve = metadata.resolve.as_ref().expect("a resolved workspace");
    let nodes: BTreeMap<&PackageId, _> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![&package.id]);
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = nodes[id];
        for dependency in &node.deps {
            if dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    let names = metadata.packages.iter().filter(|package| seen.contains(&package.id));
    names.map(|package| package.name.as_str()).collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    let metadata = metadata();
    let members = metadata.workspace_packages();
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    for package in &members {
        let name = package.name.as_str();
        if OUTSIDE.contains(&name) {
            continue;
        }
        let listed = MAY_KNOW.iter().find(|(listed, ..)| *listed == name);
        let (_, may, why) =
            listed.unwrap_or_else(|| panic!("{name}: whom may it know? Say so here."));
        for known in dependencies(package).intersection(&ours) {
            assert!(may.contains(known), "{name} must not know {known}: {why}");
        }
    }
    for (name, may, _) in MAY_KNOW {
        assert!(ours.contains(name), "{name} is listed and gone");
        let layer = |name: &str| match name {
            _ if name.starts_with("domain-") => 0,
            _ if name.starts_with("infra-") => 1,
            _ => 2,
        };
        // Nobody is let into a layer above their own by this table.
        for known in *may {
            assert!(layer(known) <= layer(name), "{name} may not know {known}");
        }
    }
}

#[test]
fn the_domain_knows_no_technology() {
    let metadata = metadata();
    let domain = metadata.workspace_packages();
    let domain: Vec<_> = domain.iter().filter(|p| p.name.starts_with("domain-")).collect();
    assert!(domain.len() >= 3);
    for package in domain {
        for used in dependencies(package) {
            let fine =
                used.starts_with("domain-") || DOMAIN_MAY_USE.iter().any(|(name, _)| *name == used);
            assert!(
                fine,
                "{} uses {used}, which is not among its small value crates",
                package.name
            );
        }
        let tree = tree(&metadata, package);
        assert!(tree.contains("serde"), "the tree is read: {tree:?}");
        for banned in NO_TECHNOLOGY {
            assert!(!tree.contains(banned), "{} reaches {banned}", package.name);
        }
    }
}

#[test]
fn nobody_has_what_is_banned() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolved workspace");
    let name_of = |id: &PackageId| metadata[id].name.as_str();
    let mut seen = BTreeSet::new();
    for node in &resolve.nodes {
        let name = name_of(&node.id);
        for (banned, why) in BANNED {
            assert_ne!(name, *banned, "{why}");
        }
        if ["actix-web", "actix-http"].contains(&name) {
            seen.insert(name);
            let http2 = node.features.iter().any(|feature| feature.as_str() == "http2");
            assert!(!http2, "{name} with http2: its h2 has an open advisory");
        }
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[test]
fn every_crate_has_the_workspaces_lints() {
    for package in metadata().workspace_packages() {
        let text = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        let lints = text.split("[lints]").nth(1).unwrap_or_default().trim_start();
        assert!(lints.starts_with("workspace = true"), "{} has lints of its own", package.name);
    }
}

#[test]
fn every_crate_says_what_it_is() {
    for package in metadata().workspace_packages() {
        for target in &package.targets {
            let text = std::fs::read_to_string(&target.src_path).expect("a source file");
            assert!(text.starts_with("//!"), "{} begins with no words", target.src_path);
        }
        assert!(package.description.is_some(), "{} has no description", package.name);
    }
}

#[test]
fn no_source_file_is_too_long() {
    let mut waiting: Vec<PathBuf> =
        ["bins", "crates", "migrations", "tests"].map(|folder| root().join(folder)).into();
    let mut checked = 0;
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            if ["rs", "sql", "sh", "py"].contains(&kind) {
                let text = std::fs::read_to_string(&path).expect("text");
                let lines = text.lines().count();
                assert!(lines <= MAX_LINES, "{}: {lines} lines", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} files");
}

/// What only debug builds have, as the switch of the wall between workspaces, hangs on debug
/// assertions.
#[test]
fn releases_are_built_without_debug_assertions() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    assert!(!manifest.contains("debug-assertions"));
}
