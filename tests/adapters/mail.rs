//! Letters by SMTP, to a real mail server.

use std::sync::Arc;

use domain_kernel::mail::{Letter, LetterLink, MailError, Mailer};
use infra_runtime::{OsRandom, SystemClock, mailer};
use system_tests::{Backend, SmtpWay, TestDatabase, TestSmtp};

/// A mailer with these settings, on top of whatever a test server has.
async fn mailer_with(settings: &[(&str, String)]) -> Arc<dyn Mailer> {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let config = database.config(&settings);
    mailer(&config, Arc::new(SystemClock), Arc::new(OsRandom)).expect("a mailer")
}

fn letter() -> Letter {
    let address = "https://crm.example.com/reset-password/#token=secret".to_owned();
    Letter {
        to: "ada@example.com".to_owned(),
        subject: "Grüße, \"Ada\"".to_owned(),
        paragraphs: vec!["Hello Ada – how are you?".to_owned(), ".\r\n.".to_owned()],
        link: Some(LetterLink { label: "Set a password".to_owned(), address }),
        closing: vec!["Bye".to_owned()],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_arrives_by_every_way() {
    for way in [SmtpWay::Plain, SmtpWay::StartTls, SmtpWay::Tls] {
        let server = TestSmtp::start(way).await;
        let mut settings = server.settings();
        settings.push(("CRM_MAIL_FROM", "Our CRM <crm@crm.example.com>".to_owned()));
        let mailer = mailer_with(&settings).await;
        mailer.check().await.expect("it answers");
        mailer.send(&letter()).await.expect("it is taken");
        let [mail] = &server.mails()[..] else { panic!("{way:?}: {:#?}", server.mails()) };
        let secure = way != SmtpWay::Plain;
        assert_eq!((mail.encrypted, mail.user.is_empty()), (secure, !secure), "{way:?}");
        assert_eq!(
            (mail.from.as_str(), &mail.to[..]),
            ("crm@crm.example.com", &["ada@example.com".to_owned()][..])
        );
        assert_eq!(mail.subject, "Grüße, \"Ada\"");
        assert!(mail.text.starts_with("Hello Ada – how are you?\n"), "{:?}", mail.text);
        assert!(mail.text.contains("\n.\n.\n"), "lines with a dot stay: {:?}", mail.text);
        assert_eq!(mail.token(), "secret");
        assert!(mail.html.contains("<p>Hello Ada – how are you?</p>"), "{}", mail.html);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_prove_who_it_is_gets_no_letter() {
    for way in [SmtpWay::StartTls, SmtpWay::Tls] {
        let (server, other) = (TestSmtp::start(way).await, TestSmtp::start(way).await);
        let mut settings = server.settings();
        let ca_file = &settings[1];
        assert_eq!(ca_file.0, "CRM_SMTP_CA_FILE");
        settings[1] = other.settings().remove(1);
        for settings in [&settings[..], &settings[..1]] {
            let mailer = mailer_with(settings).await;
            let refused = mailer.send(&letter()).await;
            assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
        }
        assert!(server.mails().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_starttls_gets_no_letter_in_the_clear() {
    let server = TestSmtp::start(SmtpWay::Plain).await;
    let (name, url) = server.settings().remove(0);
    let mailer = mailer_with(&[(name, format!("{url}?tls=required"))]).await;
    assert!(mailer.send(&letter()).await.is_err());
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_pass_is_tried_again_and_what_may_not_is_given_up() {
    let server = TestSmtp::start(SmtpWay::StartTls).await;
    let mailer = mailer_with(&server.settings()).await;
    for (code, again) in
        [(421, true), (450, true), (451, true), (550, false), (552, false), (554, false)]
    {
        server.refuse(Some(code));
        let error = mailer.send(&letter()).await.expect_err("it is refused");
        assert_eq!(matches!(error, MailError::Later(_)), again, "{code}: {error:?}");
        let message = error.to_string();
        assert!(message.contains(&code.to_string()), "{message}");
        assert!(!message.contains("no secret"), "what the server says is for the log: {message}");
    }
    server.refuse(None);
    server.set_away(true);
    assert!(matches!(mailer.send(&letter()).await, Err(MailError::Later(_))));
    assert!(matches!(mailer.check().await, Err(MailError::Later(_))));
    server.set_away(false);
    mailer.send(&letter()).await.expect("it is back");
    assert_eq!(server.mails().len(), 1);
    // A password that is wrong is the operator's to mend: no letter is lost for it.
    let mut settings = server.settings();
    settings[0].1 = settings[0].1.replace("p%2Fw", "wrong");
    let refused = mailer_with(&settings).await.send(&letter()).await;
    assert!(matches!(&refused, Err(MailError::Later(why)) if why.contains("535")), "{refused:?}");
}
