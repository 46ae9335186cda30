//! `user`: people.

use domain_accounts::{MemberRow, NewMember, Person, PersonDraft};
use infra_runtime::OsRandom;
use infra_runtime::config::Config;
use serde_json::{Value, json};

use crate::ask;
use crate::cli::{CreateUser, PersonArgs, User};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::password::NewPassword;
use crate::present;
use crate::session::open;

/// Does what was typed after `user`.
pub async fn run(config: &Config, command: User, output: &Output) -> Result<()> {
    match command {
        User::List { org } => list(config, org, output).await,
        User::Create(args) => create(config, args, output).await,
        User::SetPassword { login, password } => {
            let password = NewPassword::obtain(&password, &OsRandom)?;
            let application = open(config).await?;
            let changed = application.accounts.set_password(&login, &password.text).await;
            let person = changed.map_err(Failure::missing(nobody(&login)))?;
            show_new(output, &person, "Changed the password of", &password)
        }
        User::Disable { login } => set_active(config, &login, false, output).await,
        User::Enable { login } => set_active(config, &login, true, output).await,
        User::Unlock { login } => unlock(config, &login, output).await,
        User::ResetSecondFactor { login } => {
            let application = open(config).await?;
            let reset = application.accounts.reset_second_factor(&login).await;
            let person = reset.map_err(Failure::missing(nobody(&login)))?;
            output.show(&json!({ "user": present::person(&person) }), || {
                format!("{} has no second factor any more.", present::called(&person))
            })
        }
    }
}

/// A person as they were typed, asking for what is missing.
pub fn draft(args: PersonArgs) -> Result<PersonDraft> {
    let PersonArgs { email, username, first_name, last_name, title } = args;
    let email = ask::required(email, "--email", "E-mail address")?;
    let username = ask::or_default(username, "Username", &email)?;
    let text = |given: Option<String>| given.unwrap_or_default().trim().to_owned();
    Ok(PersonDraft {
        username: username.trim().to_owned(),
        email: email.trim().to_owned(),
        first_name: text(first_name),
        last_name: text(last_name),
        title: text(title),
        ..PersonDraft::new()
    })
}

/// Shows a person who was given a password, and the password if it was made up.
pub fn show_new(
    output: &Output,
    person: &Person,
    what: &str,
    password: &NewPassword,
) -> Result<()> {
    let mut json = json!({ "user": present::person(person) });
    if let Some(password) = password.to_show() {
        json["generated_password"] = json!(password);
    }
    output.show(&json, || {
        let line = format!("{what} {}.", present::called(person));
        match password.to_show() {
            Some(password) => format!("{line}\nPassword, not shown again: {password}"),
            None => line,
        }
    })
}

async fn list(config: &Config, org: Option<String>, output: &Output) -> Result<()> {
    let application = open(config).await?;
    let mut people = application.accounts.people().await?;
    if let Some(slug) = org {
        let found = application.accounts.organizations().await?;
        if !found.iter().any(|organization| organization.slug == slug) {
            return Err(Failure::new("not_found", super::org::none(&slug)));
        }
        people.retain(|row| row.memberships.iter().any(|(of, _)| *of == slug));
    }
    let json: Vec<Value> = people
        .iter()
        .map(|MemberRow { person, memberships }| {
            let mut json = present::person(person);
            json["memberships"] = memberships
                .iter()
                .map(|(slug, roles)| json!({ "organization": slug, "roles": present::roles(*roles) }))
                .collect();
            json
        })
        .collect();
    output.show(&json!({ "users": json }), || match people.len() {
        0 => "Nobody is registered.".to_owned(),
        _ => output.table(
            ["id", "username", "e-mail", "name", "state", "workspaces"],
            people.iter().map(row).collect(),
        ),
    })
}

fn row(MemberRow { person, memberships }: &MemberRow) -> [String; 6] {
    let mut places: Vec<String> = memberships
        .iter()
        .map(|(slug, roles)| format!("{slug} ({})", present::role_names(*roles)))
        .collect();
    if person.is_superuser {
        places.insert(0, "superuser".to_owned());
    }
    [
        person.id.to_string(),
        person.draft.username.clone(),
        person.draft.email.clone(),
        present::full_name(person),
        if person.is_active { "active" } else { "disabled" }.to_owned(),
        places.join(", "),
    ]
}

async fn create(config: &Config, args: CreateUser, output: &Output) -> Result<()> {
    let person = draft(args.person)?;
    let organization = ask::required(args.org, "--org", "Workspace")?;
    let password = NewPassword::obtain(&args.password, &OsRandom)?;
    let application = open(config).await?;
    let new =
        NewMember { person, password: password.text.clone(), organization, roles: args.roles };
    let person = application.accounts.create_member(new).await?;
    show_new(output, &person, "Registered", &password)
}

async fn set_active(config: &Config, login: &str, active: bool, output: &Output) -> Result<()> {
    let application = open(config).await?;
    let changed = application.accounts.set_active(login, active).await;
    let person = changed.map_err(Failure::missing(nobody(login)))?;
    output.show(&json!({ "user": present::person(&person) }), || {
        let name = present::called(&person);
        if active { format!("Enabled {name}.") } else { format!("Disabled {name}.") }
    })
}

async fn unlock(config: &Config, login: &str, output: &Output) -> Result<()> {
    let application = open(config).await?;
    let unlocked = application.accounts.unlock(login).await;
    let person = unlocked.map_err(Failure::missing(nobody(login)))?;
    output.show(&json!({ "user": present::person(&person) }), || {
        format!("{} can be signed in again.", present::called(&person))
    })
}

fn nobody(login: &str) -> String {
    format!("nobody has the user name or e-mail address \"{login}\"")
}
