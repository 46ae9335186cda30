//! Letters where no mail server is configured: into a folder, as mail programs open them.

use std::io::ErrorKind;
use std::path::PathBuf;

use async_trait::async_trait;
use domain_kernel::mail::{Letter, MailError, Mailer};
use tokio::fs::{DirBuilder, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use crate::message::Composer;
use crate::template;

/// Writes letters into a folder that nobody else may read.
pub struct FolderMailer {
    composer: Composer,
    folder: PathBuf,
    shows: bool,
}

impl FolderMailer {
    /// One that writes into a folder, which is made when it is needed. `shows` is for development:
    /// the log shows each letter with its link, which lets whoever reads it in.
    pub fn new(composer: Composer, folder: PathBuf, shows: bool) -> Self {
        Self { composer, folder, shows }
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
        let mut builder = DirBuilder::new();
        builder.mode(0o700).recursive(true).create(&self.folder).await?;
        let path = self.folder.join(name);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path).await?;
        file.write_all(bytes).await?;
        file.flush().await?;
        Ok(path)
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let (message, id) = self.composer.compose(letter)?;
        let written = self.write(&format!("{id}.eml"), &message.formatted()).await;
        let path = written.map_err(|error| unwritable(error.kind()))?;
        let (file, subject) = (path.display(), letter.subject.as_str());
        if self.shows {
            let text = template::text(letter);
            tracing::info!(to = letter.to, subject, %file, "mail, not sent:\n{text}");
        } else {
            tracing::warn!(subject, %file, "no mail server is configured: the mail is in a file");
        }
        Ok(())
    }

    async fn check(&self) -> Result<String, MailError> {
        let folder = self.folder.display();
        Ok(format!("no mail server is configured: mail is written into {folder}"))
    }
}

fn unwritable(kind: ErrorKind) -> MailError {
    MailError::Later(format!("The mail cannot be written into its folder: {kind}."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::message::tests::{composer, letter};

    #[tokio::test]
    async fn a_letter_is_a_file_that_nobody_else_may_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let folder = directory.path().join("data/mail");
        let mailer = FolderMailer::new(composer(), folder.clone(), false);
        mailer.send(&letter("Hello")).await.expect("it is written");
        let files: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
        let [Ok(file)] = &files[..] else { panic!("{files:?}") };
        assert!(file.file_name().to_string_lossy().ends_with(".eml"));
        let mode = |path: PathBuf| fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!((mode(file.path()) & 0o777, mode(folder) & 0o777), (0o600, 0o700));
        let text = fs::read_to_string(file.path()).expect("text");
        assert!(text.contains("Subject: Hello\r\n") && text.contains("crml_secret"), "{text}");
    }

    /// What a process's log gets.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_log_shows_a_letter_in_development_only() {
        let directory = tempfile::tempdir().expect("a directory");
        for shows in [true, false] {
            let log = Log::default();
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
            let guard = tracing::subscriber::set_default(subscriber);
            let folder = directory.path().join(shows.to_string());
            let mailer = FolderMailer::new(composer(), folder, shows);
            mailer.send(&letter("Hello")).await.expect("it is written");
            drop(guard);
            let text = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("text");
            assert!(text.contains("Hello") && text.contains(".eml"), "{text}");
            for private in ["crml_secret", "ada@example.com"] {
                assert_eq!(text.contains(private), shows, "{private}: {text}");
            }
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_tried_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("mail");
        fs::write(&file, "a file").expect("it is written");
        let mailer = FolderMailer::new(composer(), file, false);
        assert!(matches!(mailer.send(&letter("Hello")).await, Err(MailError::Later(_))));
    }
}
