//! Descriptions of what somebody proves by a link, or by the password that they have.

use domain_accounts::{
    INVITE_FIELD, Invite, LINK_FIELD, PASSWORD_CHANGE_FIELDS, PASSWORD_FIELD, RESET_FIELD,
};
use domain_kernel::{Field, Resource as _};
use serde_json::{Map, Value, json};

use super::parts::{OperationDoc, object, reference, written};
use crate::credentials::{ChangePassword, ConfirmEmail, ConfirmReset, ResetPassword, VerifyEmail};
use crate::http::described::Operation as _;
use crate::invites::AcceptInvite;

const AUTH: &str = "auth";

/// The operations.
pub(super) fn operations() -> Vec<OperationDoc> {
    let said = || reference("Detail");
    vec![
        OperationDoc::new(ResetPassword::id(), AUTH, "Ask for a new password")
            .open()
            .text(
                "Mails a link to set a new password to the account with this address. The answer is \
                 the same whether there is one or not.",
            )
            .takes(reference("PasswordReset"))
            .gives(202, "A mail is on its way, if an account has the address.", said()),
        OperationDoc::new(ConfirmReset::id(), AUTH, "Set a password by a link")
            .open()
            .text(
                "Takes the secret of a link that came by mail, once. Everything that the person was \
                 signed in with ends, and the address that the mail went to counts as verified.",
            )
            .takes(reference("PasswordByLink"))
            .gives(200, "The password is set.", said()),
        OperationDoc::new(ChangePassword::id(), AUTH, "Change one's own password")
            .text(
                "Everything that the person is signed in with ends, but for the token of this \
                 request. Wrong guesses of the present password count as failed sign-ins.",
            )
            .takes(reference("PasswordChange"))
            .gives(200, "The password is changed.", said())
            .fails(&[423]),
        OperationDoc::new(VerifyEmail::id(), AUTH, "Ask for a link to verify one's address")
            .takes(object(Map::new(), Vec::new()))
            .gives(200, "The address is verified already.", said())
            .gives(202, "A mail with a link is on its way.", said())
            .fails(&[409]),
        OperationDoc::new(AcceptInvite::id(), Invite::NAME, "Accept an invitation")
            .text(
                "Takes the secret of an invitation, once: the caller becomes a member of its workspace, \
                 with its role. It is shown as it is then. Sign in anew to come into the workspace.",
            )
            .takes(reference("InviteSecret"))
            .gives(200, "The invitation, accepted.", reference("OrganizationInvite")),
        OperationDoc::new(ConfirmEmail::id(), AUTH, "Verify an address by a link")
            .open()
            .text("Takes the secret of a link that came by mail to the present address, once.")
            .takes(reference("LinkSecret"))
            .gives(200, "The address is verified.", said()),
    ]
}

/// The schemas.
pub(super) fn schemas() -> Vec<(String, Value)> {
    let of = |fields: &[Field]| -> Value {
        let names = fields.iter().map(|field| field.name).collect();
        let properties: Map<String, Value> = fields
            .iter()
            .map(|field| {
                let mut schema = written(field);
                if field.name.ends_with("password") {
                    schema["format"] = json!("password");
                }
                if field.name == "password" || field.name == "new_password" {
                    schema["minLength"] = json!(12);
                }
                (field.name.to_owned(), schema)
            })
            .collect();
        object(properties, names)
    };
    vec![
        ("PasswordReset".to_owned(), of(&[RESET_FIELD])),
        ("PasswordByLink".to_owned(), of(&[LINK_FIELD, PASSWORD_FIELD])),
        ("PasswordChange".to_owned(), of(&PASSWORD_CHANGE_FIELDS)),
        ("LinkSecret".to_owned(), of(&[LINK_FIELD])),
        ("InviteSecret".to_owned(), of(&[INVITE_FIELD])),
    ]
}
