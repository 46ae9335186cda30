//! Help, completions and the document of the API.

use serde_json::Value;

use crate::world::world;

const COMMANDS: [&str; 38] = [
    "migrate",
    "createsuperuser",
    "user list",
    "user create",
    "user set-password",
    "user disable",
    "user enable",
    "org list",
    "org create",
    "org show",
    "org set-plan",
    "org export",
    "org delete",
    "audit verify",
    "audit seal",
    "plan list",
    "plan set",
    "plan requests",
    "plan approve",
    "plan refuse",
    "feature list",
    "feature create",
    "feature set",
    "feature delete",
    "override list",
    "override set",
    "override delete",
    "jobs list",
    "jobs show",
    "jobs retry",
    "jobs cancel",
    "jobs schedules",
    "demo-data",
    "openapi",
    "doctor",
    "completions",
    "user",
    "jobs",
];

#[test]
fn every_command_explains_itself() {
    let world = world();
    let help = world.run("--help").ok().to_owned();
    for (code, meaning) in [(0, "done"), (1, "the operation failed"), (2, "wrong usage")] {
        assert!(help.contains(&format!("  {code}  {meaning}")), "{help}");
    }
    for command in COMMANDS {
        let help = world.run(&format!("{command} --help")).ok().to_owned();
        assert!(help.contains(&format!("Usage: crm-admin {command}")), "{help}");
        assert!(help.contains("--json") && help.contains("--config"), "{help}");
        let group = ["user", "jobs"].contains(&command);
        assert!(group || help.contains(&format!("Examples:\n  crm-admin {command}")), "{help}");
    }
    world.run("--version").ok();
}

#[test]
fn shells_can_complete() {
    let world = world();
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef"), ("fish", "complete -c")] {
        let script = world.run(&format!("completions {shell}")).ok().to_owned();
        assert!(script.contains(word) && script.contains("createsuperuser"), "{shell}");
    }
    world.run("completions tcl").fails(2, &["[possible values: bash,"]);
}

#[test]
fn the_document_is_printed_or_written() {
    let world = world();
    let printed: Value = world.run("openapi").json();
    assert!(printed["openapi"].is_string(), "{printed}");
    assert_eq!(world.run("openapi --format yaml --output api.yaml").ok(), "");
    let written = std::fs::read_to_string(world.path("api.yaml")).expect("a file");
    assert_eq!(yaml_serde::from_str::<Value>(&written).expect("YAML"), printed);
    world.run("openapi --output no/such/folder").fails(1, &["no/such/folder"]);
}
