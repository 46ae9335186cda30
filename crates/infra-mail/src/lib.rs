//! Mail: letters as HTML and plain text ([`template`]), by SMTP ([`SmtpMailer`]) or, where no mail
//! server is configured, into a folder ([`FolderMailer`]).
//!
//! It may depend on the kernel, whose port [`Mailer`](domain_kernel::mail::Mailer) it implements.
//! What letters say is not decided here. To change how they look: `template.rs`.

mod folder;
mod message;
mod smtp;
mod template;

pub use folder::FolderMailer;
pub use message::{Composer, Sender};
pub use smtp::{Encryption, SmtpMailer, SmtpServer, SmtpSettings};
