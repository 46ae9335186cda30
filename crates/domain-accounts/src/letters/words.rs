//! What the letters say.

use domain_kernel::mail::{Letter, LetterLink};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Invite, Organization, Person};

/// A link to set a new password.
pub(super) fn password_reset(person: &Person, address: String) -> Letter {
    let what = "Somebody, probably you, asked for a new password for your SimplyCRM account.";
    letter(person, "Set a new password", what)
        .link("Set a new password", address)
        .closing("The link is good for one hour, and works once.")
        .closing("If it was not you, leave this mail alone: your password stays as it is.")
        .0
}

/// A link to set the first password.
pub(super) fn password_setup(
    person: &Person,
    organization: &Organization,
    address: String,
) -> Letter {
    let name = &organization.name;
    let what = format!("You are a member of the SimplyCRM workspace \"{name}\" now.");
    let username = &person.draft.username;
    letter(person, &format!("Welcome to {name}"), &what)
        .paragraph(&format!("Your user name is {username}. Set a password to sign in."))
        .link("Set a password", address)
        .closing("The link is good for seven days, and works once. Later, ask for a new password.")
        .0
}

/// A link by which somebody shows that an address is theirs.
pub(super) fn email_verification(person: &Person, address: String) -> Letter {
    let what = format!("Please confirm that {} is your e-mail address.", person.draft.email);
    letter(person, "Confirm your e-mail address", &what)
        .link("Confirm the address", address)
        .closing("The link is good for three days, and works once.")
        .closing("If you have no SimplyCRM account, leave this mail alone.")
        .0
}

/// An invitation into a workspace.
pub(super) fn invitation(invite: &Invite, organization: &Organization, address: String) -> Letter {
    let name = &organization.name;
    let by = match &*invite.created_by_name {
        "" => "You are invited".to_owned(),
        name => format!("{name} invites you"),
    };
    let until = invite.expires_at.0.map(|until| TimeZone::UTC.to_datetime(until).date());
    let until = until.map_or_else(String::new, |day| format!("It is good until {day}. "));
    Draft(Letter {
        to: invite.email.to_string(),
        subject: format!("Invitation to {name}"),
        paragraphs: vec![
            "Hello,".to_owned(),
            format!("{by} to the SimplyCRM workspace \"{name}\"."),
        ],
        link: None,
        closing: Vec::new(),
    })
    .link("Accept the invitation", address)
    .closing(&format!("{until}If you do not know what this is about, leave this mail alone."))
    .0
}

/// A sign-in from somewhere new.
pub(super) fn new_sign_in(person: &Person, address: &str, at: Timestamp) -> Letter {
    let zone = TimeZone::get(&person.draft.timezone).unwrap_or(TimeZone::UTC);
    let at = zone.to_datetime(at);
    let (day, zone) = (at.date(), &person.draft.timezone);
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    let what = format!(
        "Your SimplyCRM account was signed in to from an address that we did not know: {address}, \
         on {day} at {time} ({zone})."
    );
    letter(person, "A new sign-in to your account", &what)
        .paragraph("If it was you, there is nothing to do.")
        .paragraph(
            "If it was not you, change your password now: whatever was signed in with the old one \
             ends with it.",
        )
        .0
}

/// A letter that is being written.
struct Draft(Letter);

/// Begins a letter to a person.
fn letter(person: &Person, subject: &str, what: &str) -> Draft {
    let name = person.draft.first_name.as_str();
    let hello = if name.is_empty() { "Hello,".to_owned() } else { format!("Hello {name},") };
    Draft(Letter {
        to: person.draft.email.clone(),
        subject: subject.to_owned(),
        paragraphs: vec![hello, what.to_owned()],
        link: None,
        closing: Vec::new(),
    })
}

impl Draft {
    fn paragraph(mut self, text: &str) -> Self {
        self.0.paragraphs.push(text.to_owned());
        self
    }

    fn link(mut self, label: &str, address: String) -> Self {
        self.0.link = Some(LetterLink { label: label.to_owned(), address });
        self
    }

    fn closing(mut self, text: &str) -> Self {
        self.0.closing.push(text.to_owned());
        self
    }
}
