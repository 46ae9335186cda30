//! What an operator does from the first day on, the same on both databases.

use serde_json::json;

use crate::world::World;

/// The tale, from an empty database on; `role` is the one that is made for the server.
pub fn tell(world: &World, role: Option<&str>) {
    migrations(world, role);
    let password = people(world);
    credentials(world, &password);
    plans(world);
    jobs(world);
    mail(world);
    what_is_sold(world);
    trails(world);
    leaving(world);
    demonstration(world);
    let report = world.run("doctor --json").json();
    assert_eq!(report["ok"], true, "{report:#}");
    assert!(world.run("doctor").ok().ends_with("\nAll is well.\n"));
}

fn migrations(world: &World, role: Option<&str>) {
    let first = world.run("migrate --json").json();
    assert!(!first["ran"].as_array().expect("a list").is_empty(), "{first}");
    assert_eq!(first["new_role"], json!(role));
    let second = world.run("migrate --json").json();
    assert_eq!((&second["ran"], &second["new_role"]), (&json!([]), &json!(null)));
    assert!(world.run("migrate").ok().contains("no migration was missing"));
}

/// Registers a superuser and a member, whose made-up password is given back.
fn people(world: &World) -> String {
    assert_eq!(world.run("user list").ok(), "Nobody is registered.\n");
    let made = world.run_with(
        "createsuperuser --email ops@example.com --username ops --password-stdin",
        "correct horse battery\r\nnot this line\n",
    );
    assert_eq!(made.ok(), "Registered the superuser ops (ops@example.com).\n");

    let made = world.run_args(&["org", "create", "Acme Inc.", "--json"], "").json();
    assert_eq!(made["organization"]["slug"], "acme-inc");
    world.run("org create Bolt --slug bolt-works").ok();
    let listed = world.run("org list").ok().to_owned();
    assert!(listed.starts_with("ID  SLUG        NAME       CURRENCY  TIME ZONE  FOUNDED\n"));
    assert!(listed.contains("  bolt-works  Bolt       USD       UTC        20"), "{listed}");
    assert_eq!(world.run("org list --json").json()["organizations"][1]["name"], "Bolt");

    let made = world
        .run(
            "user create --email Ann@Example.com --first-name Ann --last-name Lee \
             --org acme-inc --role manager --role analyst --generate-password --json",
        )
        .json();
    assert_eq!(made["user"]["username"], "Ann@Example.com");
    let password = made["generated_password"].as_str().expect("a password").to_owned();
    assert!(world.signs_in("ann@example.com", &password));

    let listed = world.run("user list").ok().to_owned();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(
        lines[0].starts_with("ID  USERNAME")
            && lines[1].ends_with("active  superuser, platform (admin)")
    );
    assert!(lines[2].ends_with("Ann Lee  active  acme-inc (manager+analyst)"), "{listed}");
    let listed = world.run("user list --org acme-inc --json").json();
    assert_eq!(listed["users"].as_array().map(Vec::len), Some(1), "{listed}");
    let memberships = json!([{ "organization": "acme-inc", "roles": ["manager", "analyst"] }]);
    assert_eq!(listed["users"][0]["memberships"], memberships);
    password
}

fn credentials(world: &World, old: &str) {
    let new = "another horse battery";
    let changed =
        world.run_with("user set-password ann@example.com --password-stdin", &format!("{new}\n"));
    assert_eq!(changed.ok(), "Changed the password of Ann@Example.com.\n");
    assert!(world.signs_in("ann@example.com", new) && !world.signs_in("ann@example.com", old));

    assert_eq!(world.run("user disable ann@example.com").ok(), "Disabled Ann@Example.com.\n");
    assert!(!world.signs_in("ann@example.com", new));
    assert!(world.run("user list").ok().contains("disabled"));
    let enabled = world.run("user enable ann@example.com --json").json();
    assert_eq!(enabled["user"]["is_active"], true);
    assert!(world.signs_in("ann@example.com", new));

    assert!((0..5).all(|_| !world.signs_in("ann@example.com", "wrong")));
    assert!(!world.signs_in("ann@example.com", new), "locked");
    let unlocked = world.run("user unlock ann@example.com");
    assert_eq!(unlocked.ok(), "Ann@Example.com can be signed in again.\n");
    assert!(world.signs_in("ann@example.com", new));
    assert_eq!(world.run("user unlock nobody --json").error(1)["code"], "not_found");
}

fn plans(world: &World) {
    let plans = world.run("plan list --json").json();
    let keys: Vec<_> = plans["plans"].as_array().expect("a list").iter().collect();
    assert!(keys.iter().any(|plan| plan["key"] == "free" && plan["features"].is_array()));
    assert!(world.run("plan list").ok().starts_with("KEY "));

    assert_eq!(world.run("org show acme-inc --json").json()["organization"]["plan"]["key"], "free");
    world.run("org set-plan acme-inc pro").ok();
    let shown = world.run("org show acme-inc --json").json();
    assert_eq!(shown["organization"]["plan"]["key"], "pro");
    assert_eq!(shown["organization"]["members"][0]["roles"], json!(["manager", "analyst"]));
    let shown = world.run("org show acme-inc").ok().to_owned();
    assert!(shown.starts_with("Acme Inc. (acme-inc)\n") && shown.contains("plan       Pro"));
}

fn mail(world: &World) {
    let sent = world.run("mail test ops@example.com --json").json();
    assert_eq!((&sent["sent"], &sent["to"]), (&json!(true), &json!("ops@example.com")));
    let written = std::fs::read_dir(world.path("data/mail")).expect("the folder of letters");
    assert_eq!(written.count(), 1);
    let said = world.run("mail test ops@example.com").ok().to_owned();
    assert!(
        said.starts_with("The message to ops@example.com is on its way: no mail server"),
        "{said}"
    );
    let error = world.run("mail test nobody --json").error(1);
    assert_eq!(error["code"], "mail", "{error}");
}

fn what_is_sold(world: &World) {
    world.run("plan set free --max-users 3 --price 1.5 --self-service false").ok();
    let shown = world.run("org create Small --json").json();
    assert_eq!(shown["organization"]["slug"], "small");
    let limit = || world.run("org show small --json").json()["organization"]["plan"].clone();
    assert_eq!((&limit()["max_users"], &limit()["price_per_month"]), (&json!(3), &json!("1.50")));
    let has = |code: &str| {
        let shown = world.run("org show small --json").json();
        shown["organization"]["features"].as_array().expect("a list").contains(&json!(code))
    };
    world.run("feature create beta.maps --name Maps --plans free,pro").ok();
    assert!(has("beta.maps"));
    world.run("feature set beta.maps --plans pro").ok();
    assert!(!has("beta.maps"));
    world.run("override set small --feature beta.maps --reason trial").ok();
    world.run("override set small --limit max_users --value 40 --until 2099-01-31").ok();
    assert!(has("beta.maps"));
    assert_eq!(limit()["max_users"], 40);
    let listed = world.run("override list small").ok().to_owned();
    assert!(listed.contains("beta.maps") && listed.contains("2099-01-31"), "{listed}");
    let listed = world.run("override list small --json").json();
    world.run(&format!("override delete small {}", listed["overrides"][0]["id"])).ok();
    assert!(!has("beta.maps"));
    world.run("feature delete beta.maps").ok();
    assert!(!world.run("feature list").ok().contains("beta.maps"));
    assert!(world.run("plan requests").ok().contains("Nobody waits"));
    world.run("plan approve 99").fails(1, &["there is no request 99"]);
    world.run("plan set gold --price 1").fails(1, &["there is no plan \"gold\""]);
    world.run("plan set free --price much").fails(1, &["price_per_month: A valid number"]);
    world.run("plan set free").fails(2, &["--price"]);
    world.run("feature set nope --name x").fails(1, &["there is no feature \"nope\""]);
    world.run("override set nope --limit max_users --value 1").fails(1, &["\"nope\""]);
    world.run("override set small --limit max_gold --value 1").fails(1, &["limit:"]);
    world.run("plan set free --max-users 5 --price 0 --self-service true").ok();
}

fn trails(world: &World) {
    assert!(world.run("audit seal").ok().starts_with("Sealed "));
    let whole = world.run("audit verify --json").json();
    assert_eq!(whole["ok"], true);
    let mut trails = whole["workspaces"].as_array().expect("a list").iter();
    let small = trails.find(|one| one["slug"] == "small").expect("it has a trail").clone();
    assert!(small["sealed"].as_i64() > Some(0), "{small}");
    assert!(world.run("audit verify --org small").ok().contains("as they were sealed"));
    let heads = std::env::temp_dir().join(format!("heads-{}.json", std::process::id()));
    std::fs::write(&heads, whole.to_string()).expect("written");
    world.run(&format!("audit verify --against {}", heads.display())).ok();
    let forged = whole.to_string().replace(small["head"]["chain"].as_str().expect("text"), "00");
    std::fs::write(&heads, forged).expect("written");
    let told = world.run(&format!("audit verify --against {}", heads.display()));
    told.fails(1, &[]);
    assert!(told.out.contains("small: the chain is not the one"), "{}", told.out);
    std::fs::remove_file(&heads).expect("removed");
    world.run("audit verify --org nope").fails(1, &["\"nope\""]);
}

fn leaving(world: &World) {
    let file = world.path("small.zip");
    world.run(&format!("org export small --output {}", file.display())).ok();
    let bytes = std::fs::read(&file).expect("the archive");
    assert!(bytes.starts_with(b"PK") && bytes.windows(13).any(|part| part == b"manifest.json"));
    let again = world.run(&format!("org export small --output {}", file.display()));
    again.fails(1, &["small.zip"]);
    world.run("org export nope").fails(1, &["\"nope\""]);
    world.run("org delete small").fails(2, &["--yes"]);
    let proof = world.run("org delete small --yes --json").json();
    assert_eq!(proof["erasure"]["organization"]["slug"], "small");
    assert!(proof["erasure"]["removed"]["audit_entries"].as_i64() > Some(0), "{proof}");
    world.run("org show small").fails(1, &["\"small\""]);
    assert_eq!(world.run("audit verify --json").json()["ok"], true);
}

fn demonstration(world: &World) {
    let first = world.run("demo-data --small --json").json();
    assert_eq!((&first["created"], &first["companies"]), (&json!(true), &json!(20)));
    assert_eq!((&first["complete"], &first["orders"]), (&json!(true), &json!(16)));
    let again = world.run("demo-data --small --json").json();
    assert_eq!((&again["created"], &again["invoices"]), (&json!(false), &first["invoices"]));
    assert_eq!((&again["members"], &again["contacts"]), (&first["members"], &first["contacts"]));
    let text = world.run("demo-data").ok().to_owned();
    let word = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
    let (name, password) = (word(&first["members"][0]["username"]), word(&first["password"]));
    assert!(text.contains(&name) && text.contains(&password), "{text}");
    assert!(world.signs_in(&name, &password));
}

fn jobs(world: &World) {
    assert_eq!(world.run("jobs list --kind platform.sweep").ok(), "There is no such job.\n");
    assert_eq!(world.run("jobs schedules --json").json(), json!({ "schedules": [] }));
    let id = world.enqueue();
    let listed =
        world.run("jobs list --org platform --kind platform.sweep --state waiting").ok().to_owned();
    assert!(listed.starts_with("ID  WORKSPACE  KIND            STATE"), "{listed}");
    assert!(listed.contains("platform.sweep  waiting  0 of 3"), "{listed}");
    let shown = world.run(&format!("jobs show {id} --json")).json();
    assert_eq!((&shown["job"]["id"], &shown["job"]["request_id"]), (&json!(id), &json!("test")));
    assert!(shown["job"].get("payload").is_none(), "{shown}");
    let text = world.run(&format!("jobs show {id}")).ok().to_owned();
    assert!(
        text.starts_with(&format!("Job {id}: platform.sweep\n  workspace  platform\n")),
        "{text}"
    );
    let cancelled = world.run(&format!("jobs cancel {id} --json")).json();
    assert_eq!(cancelled["job"]["state"], "cancelled");
    let error = world.run(&format!("jobs cancel {id} --json")).error(1);
    assert_eq!(error["code"], "conflict", "{error}");
    let retried = world.run(&format!("jobs retry {id}")).ok().to_owned();
    assert_eq!(retried, format!("Job {id} (platform.sweep) runs as soon as a worker is free.\n"));
    assert_eq!(
        world.run("jobs list --kind platform.sweep --state waiting --json").json()["jobs"][0]["id"],
        id
    );
    world.run("jobs show 999999").fails(1, &["there is no job 999999"]);
    world.run("jobs list --org nowhere").fails(1, &["nowhere"]);
    world.run("jobs list --state gone").fails(2, &["[possible values: waiting, running"]);
}
