//! What goes wrong, how it is said, and the exit code.

use std::fs;

use crate::world::{World, world};

const GOOD: &str = "correct horse battery\n";

fn with_acme() -> World {
    let world = world();
    world.run("org create Acme").ok();
    world.run_with("user create --email ann@example.com --org acme --password-stdin", GOOD).ok();
    world
}

#[test]
fn what_does_not_exist_is_named() {
    let world = with_acme();
    world.run("org show nope").fails(1, &["error: there is no workspace with the slug \"nope\""]);
    world.run("org set-plan nope pro").fails(1, &["\"nope\""]);
    world.run("org set-plan acme gold").fails(1, &["plan: There is no such plan."]);
    world.run("user list --org nope").fails(1, &["\"nope\""]);
    world.run("user disable eve").fails(1, &["nobody has the user name or e-mail address \"eve\""]);
    world
        .run("user set-password eve --generate-password")
        .fails(1, &["nobody has the user name or e-mail address \"eve\""]);
    world
        .run("user create --email eve@example.com --org nope --generate-password")
        .fails(1, &["org: There is no workspace with this slug."]);
    let error = world.run("user enable eve --json").error(1);
    assert_eq!(error["code"], "not_found");
}

#[test]
fn what_is_refused_is_said_by_field() {
    let world = with_acme();
    let create = |flags: &str, password| {
        world.run_with(&format!("user create --org acme --password-stdin {flags}"), password)
    };
    create("--email bob@example.com", "too short\n")
        .fails(1, &["  password: This password is too"]);
    create("--email bob", GOOD).fails(1, &["  email: Enter a valid email"]);
    create("--email ANN@example.com", GOOD).fails(1, &["error: the input is invalid\n  email: "]);
    let error = create("--email ann@example.com --username other --json", GOOD).error(1);
    assert_eq!(
        (&error["code"], &error["message"]),
        (&"invalid".into(), &"the input is invalid".into())
    );
    assert!(error["fields"]["email"][0].is_string(), "{error}");
    assert!(error["fields"]["username"].is_null(), "{error}");
    world
        .run_with("createsuperuser --email ann@example.com --password-stdin", GOOD)
        .fails(1, &["  email: "]);
    world
        .run_with("user set-password ann@example.com --password-stdin", "password1234\n")
        .fails(1, &["  password: "]);
    world
        .run("org create Acme --slug acme")
        .fails(1, &["slug: A workspace with this slug exists."]);
}

#[test]
fn a_plan_has_no_more_members_than_it_allows() {
    let world = with_acme();
    for number in 2..=5 {
        world
            .run(&format!(
                "user create --email p{number}@example.com --org acme --generate-password"
            ))
            .ok();
    }
    let error = world
        .run("user create --email p6@example.com --org acme --generate-password --json")
        .error(1);
    assert_eq!(error["code"], "limit_reached");
}

#[test]
fn what_is_missing_is_asked_of_people_only() {
    let world = world();
    world.run("createsuperuser --generate-password").fails(2, &["--email is required"]);
    world
        .run("user create --email ann@example.com --generate-password")
        .fails(2, &["--org is required"]);
    world
        .run("createsuperuser --email ops@example.com")
        .fails(2, &["no terminal", "--password-stdin or --generate-password"]);
    world
        .run("createsuperuser --email ops@example.com --password-stdin")
        .fails(2, &["the password is empty"]);
    world.run_args(&["createsuperuser", "--email", ""], "").fails(2, &["--email is empty"]);
    assert!(!world.path("data").exists(), "wrong usage touches nothing");
}

#[test]
fn wrong_flags_are_wrong_usage() {
    let world = world();
    world.run("nonsense").fails(2, &["unrecognized subcommand 'nonsense'"]);
    world.run("user set-password ann --password secret").fails(2, &["unexpected argument"]);
    world
        .run("user set-password ann --password-stdin --generate-password")
        .fails(2, &["cannot be used with"]);
    world
        .run("user create --role boss")
        .fails(2, &["[possible values: admin, manager, analyst, marketer]"]);
    let error = world.run("nonsense --json").error(2);
    assert_eq!(error["code"], "usage");
}

#[test]
fn all_that_is_wrong_with_the_configuration_is_said_at_once() {
    let world = world().env("CRM_DATABSE_URL", "x");
    fs::write(world.path("simplycrm.toml"), "lissten = \"x\"\nworkers = -1\n").expect("a file");
    world.run("org list").fails(
        2,
        &[
            "3 problems",
            "CRM_DATABSE_URL",
            "lissten (simplycrm.toml:1)",
            "workers (simplycrm.toml:2)",
        ],
    );
    let error = world.run("org list --json").error(2);
    assert_eq!(error["code"], "configuration");
    let problems = error["problems"].as_array().expect("a list");
    assert!(
        problems.iter().any(|one| one["key"] == "lissten" && one["source"] == "simplycrm.toml:1")
    );

    // The doctor says it as its finding, and what does not need the configuration works.
    let report = world.run("doctor --json");
    assert_eq!(report.check("configuration").0, "problem");
    world.run("openapi").ok();
}

#[test]
fn demonstrations_on_a_real_server_need_consent() {
    let world = world().env("CRM_PUBLIC_URL", "https://crm.example.com");
    world.run("demo-data --small").fails(2, &["a password that everybody knows", "--yes"]);
    assert_eq!(world.run("org list").ok(), "There is no workspace.\n");
    world.run("demo-data --small --yes").ok();
    world.run("demo-data --small").ok();
}

#[test]
fn doctor_warns_of_what_is_not_safe() {
    let world = world()
        .env("CRM_PUBLIC_URL", "http://crm.example.com")
        .env("CRM_DEBUG", "true")
        .env("CRM_ALLOWED_HOSTS", "crm.example.com");
    world.run("migrate").ok();
    let shown = world.run("doctor").ok().to_owned();
    assert!(shown.contains("warning  configuration  debug is on"), "{shown}");
    assert!(shown.contains("passwords travel in the open"), "{shown}");
    assert!(shown.ends_with("Problems: 0. Warnings: 2.\n"), "{shown}");
}
