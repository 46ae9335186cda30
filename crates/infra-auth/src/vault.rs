//! Secrets of second factors, sealed with the server's key, and the codes that follow from them.

use std::path::PathBuf;
use std::sync::OnceLock;

use domain_accounts::{Enrolment, FactorVault};
use domain_kernel::{Error, Random, Result};
use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use totp_rs::{Algorithm, TOTP};

/// What authenticator apps agree on.
const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;
/// The name of the service in an app.
const ISSUER: &str = "SimplyCRM";
/// Characters of a key that is made by itself.
const KEY_BYTES: usize = 32;
/// Side of the picture, in pixels.
const PICTURE: u32 = 240;

/// Where the server's key is.
pub enum ServerKey {
    /// It was configured.
    Given(String),
    /// In a file, which is made when it is first needed.
    File(PathBuf),
}

/// ChaCha20-Poly1305 with a key that follows from the server's.
pub struct SealedFactors {
    key: ServerKey,
    random: std::sync::Arc<dyn Random>,
    opened: OnceLock<LessSafeKey>,
}

impl SealedFactors {
    /// A vault with this key; it is read when it is first needed.
    pub fn new(key: ServerKey, random: std::sync::Arc<dyn Random>) -> Self {
        Self { key, random, opened: OnceLock::new() }
    }

    fn cipher(&self) -> Result<&LessSafeKey> {
        if let Some(known) = self.opened.get() {
            return Ok(known);
        }
        let key = match &self.key {
            ServerKey::Given(text) => text.clone().into_bytes(),
            ServerKey::File(path) => self.in_file(path)?,
        };
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), b"second factors");
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref());
        let key = key.map_err(|_| Error::internal("the server's key cannot be used"))?;
        Ok(self.opened.get_or_init(|| LessSafeKey::new(key)))
    }

    /// The key in a file; the first who looks makes it, readable by its owner alone.
    fn in_file(&self, path: &PathBuf) -> Result<Vec<u8>> {
        use std::fs;
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let failed = |error: std::io::Error| {
            Error::internal(format!("the server's key in {}: {error}", path.display()))
        };
        let mut key = vec![0; KEY_BYTES];
        self.random.fill(&mut key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let made = path.with_extension(format!("{}.new", std::process::id()));
        let mut options = fs::OpenOptions::new();
        if !path.exists() {
            let file = options.write(true).create(true).truncate(true).mode(0o600).open(&made);
            let mut file = file.map_err(failed)?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
            // Unlike renaming, it leaves a key alone that somebody else has made meanwhile.
            let linked = fs::hard_link(&made, path);
            fs::remove_file(&made).map_err(failed)?;
            match linked {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(failed(error));
                }
                _ => {}
            }
        }
        let key = fs::read(path).map_err(failed)?;
        match key.len() {
            KEY_BYTES => Ok(key),
            _ => Err(failed(std::io::Error::other("it has another length than a key"))),
        }
    }
}

fn totp(secret: &[u8], account: &str) -> TOTP {
    let (issuer, account) = (Some(ISSUER.to_owned()), account.replace(':', " "));
    TOTP::new_unchecked(Algorithm::SHA1, DIGITS, 1, STEP_SECONDS, secret.to_vec(), issuer, account)
}

impl FactorVault for SealedFactors {
    fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        let tagged = Nonce::assume_unique_for_key(nonce);
        self.cipher()?
            .seal_in_place_append_tag(tagged, Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| Error::internal("a secret cannot be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some((nonce, text)) = sealed.split_first_chunk::<NONCE_LEN>() else { return Ok(None) };
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut text = text.to_vec();
        let opened = self.cipher()?.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text);
        Ok(opened.ok().map(|secret| secret.to_vec()))
    }

    fn step(&self, secret: &[u8], code: &str, now: Timestamp, after: i64) -> Option<i64> {
        let totp = totp(secret, "");
        let step = now.as_second() / i64::try_from(STEP_SECONDS).ok()?;
        let is_code = |step: &i64| {
            let time = u64::try_from(*step).ok().map(|step| totp.generate(step * STEP_SECONDS));
            // Each wrong one takes as long as its first difference; a code is worth nothing then.
            time.is_some_and(|expected| expected == code)
        };
        [step, step - 1, step + 1].into_iter().filter(|step| *step > after).find(is_code)
    }

    fn enrolment(&self, secret: &[u8], account: &str) -> Result<Enrolment> {
        let totp = totp(secret, account);
        let address = totp.get_url();
        let code = QrCode::new(&address).map_err(Error::internal)?;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(PICTURE, PICTURE).build();
        Ok(Enrolment { secret: totp.get_secret_base32(), address, picture })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn vault(key: ServerKey) -> SealedFactors {
        SealedFactors::new(key, Arc::new(Counting(1.into())))
    }

    fn given(key: &str) -> SealedFactors {
        vault(ServerKey::Given(key.to_owned()))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn what_is_sealed_is_opened_with_the_same_key_for_the_same_purpose() {
        let vault = given("one");
        let sealed = vault.seal("ada", b"secret").expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_ne!(vault.seal("ada", b"secret").expect("sealed"), sealed, "never the same twice");
        assert_eq!(vault.open("ada", &sealed).expect("an answer"), Some(b"secret".to_vec()));
        assert_eq!(given("one").open("ada", &sealed).expect("an answer"), Some(b"secret".to_vec()));
        assert_eq!(vault.open("bob", &sealed).expect("an answer"), None);
        assert_eq!(given("two").open("ada", &sealed).expect("an answer"), None);
        let mut spoilt = sealed.clone();
        spoilt[NONCE_LEN] ^= 1;
        for text in [&spoilt[..], &sealed[1..], b"", b"x"] {
            assert_eq!(vault.open("ada", text).expect("an answer"), None);
        }
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of the eight digits.
        let secret = b"12345678901234567890";
        let vault = given("key");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = second / 30;
            assert_eq!(vault.step(secret, code, at(second), 0), Some(step), "{second}");
            assert_eq!(vault.step(secret, code, at(second + 30), 0), Some(step), "a late one");
            assert_eq!(vault.step(secret, code, at(second - 30), 0), Some(step), "an early one");
            assert_eq!(vault.step(secret, code, at(second + 60), 0), None);
            assert_eq!(vault.step(secret, code, at(second), step), None, "it counts once");
        }
        for odd in ["", "28708", "2870820", "28708a", " 287082"] {
            assert_eq!(vault.step(secret, odd, at(59), 0), None, "{odd}");
        }
    }

    #[test]
    fn an_app_gets_what_it_needs() {
        let made = given("key").enrolment(b"12345678901234567890", "ada@example.com");
        let made = made.expect("an enrolment");
        assert_eq!(made.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(made.address.starts_with("otpauth://totp/SimplyCRM:ada%40example.com?secret=GEZ"));
        assert!(made.address.contains("issuer=SimplyCRM"), "{}", made.address);
        assert!(made.picture.contains("<svg"), "{}", made.picture);
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data/secret.key");
        let sealed = vault(ServerKey::File(path.clone())).seal("x", b"secret").expect("sealed");
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = std::fs::read_dir(path.parent().expect("a folder")).expect("a list").count();
        assert_eq!(files, 1, "nothing is left beside it");
        let again = vault(ServerKey::File(path.clone()));
        assert_eq!(again.open("x", &sealed).expect("an answer"), Some(b"secret".to_vec()));
        std::fs::write(&path, b"short").expect("written");
        assert!(vault(ServerKey::File(path)).seal("x", b"secret").is_err());
    }
}
