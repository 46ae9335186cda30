//! How files are named.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Random, TenantId};

/// What stands before a key in the address of a file.
pub const ADDRESS_PATH: &str = "/media/";

/// Longest name of a file in its key, so that addresses stay below the 200 characters of a field.
const NAME_MAX: usize = 48;
/// Random bytes of a key: as many as a token has.
const RANDOM_BYTES: usize = 32;
/// What they are as text.
const RANDOM_TEXT: usize = 43;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A picture that we have drawn: whoever knows the address sees it.
    Picture,
    /// Anything: for members who may see what it belongs to.
    Document,
}

impl FileKind {
    /// The formats of pictures by how their names end, with their media types.
    pub const PICTURES: [(&'static str, &'static str); 2] =
        [("jpg", "image/jpeg"), ("png", "image/png")];

    const fn folder(self) -> &'static str {
        match self {
            Self::Picture => "pictures",
            Self::Document => "files",
        }
    }
}

/// The key of a file: workspace, kind, something that nobody can guess, and a name.
///
/// `17/pictures/4v…Q.jpg`, `17/files/4v…Q/contract.pdf`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    tenant: TenantId,
    kind: FileKind,
    text: String,
}

impl FileKey {
    /// A new key for a picture. `extension` is one of [`FileKind::PICTURES`].
    pub fn picture(tenant: TenantId, random: &dyn Random, extension: &str) -> Self {
        let kind = FileKind::Picture;
        let text = format!("{tenant}/{}/{}.{extension}", kind.folder(), unguessable(random));
        Self { tenant, kind, text }
    }

    /// A new key for a document that its owner calls `name`: what of it can stand in an address is
    /// kept.
    pub fn document(tenant: TenantId, random: &dyn Random, name: &str) -> Self {
        let kind = FileKind::Document;
        let (folder, random) = (kind.folder(), unguessable(random));
        Self { tenant, kind, text: format!("{tenant}/{folder}/{random}/{}", plain_name(name)) }
    }

    /// The key in a text; none where it is no key.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, rest) = text.split_once('/')?;
        let (folder, rest) = rest.split_once('/')?;
        let raw: i64 = tenant.parse().ok().filter(|raw| *raw > 0)?;
        // The parser would take signs and zeros, too.
        if raw.to_string() != tenant {
            return None;
        }
        let (random, name) = rest.split_at_checked(RANDOM_TEXT)?;
        if !random.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return None;
        }
        let is_picture = || {
            let extension = name.strip_prefix('.');
            FileKind::PICTURES.iter().any(|(known, _)| Some(*known) == extension)
        };
        let is_document = || {
            let name = name.strip_prefix('/');
            name.is_some_and(|name| name.len() <= NAME_MAX && plain_name(name) == name)
        };
        let kind = match folder {
            "pictures" if is_picture() => FileKind::Picture,
            "files" if is_document() => FileKind::Document,
            _ => return None,
        };
        Some(Self { tenant: TenantId::new(raw), kind, text: text.to_owned() })
    }

    /// The key that an address of ours ends in; none for other addresses.
    pub fn in_address(address: &str) -> Option<Self> {
        let (_, key) = address.split_once(ADDRESS_PATH)?;
        Self::parse(key)
    }

    /// The workspace that the file belongs to.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What kind of file it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The media type that a browser may be told.
    pub fn media_type(&self) -> &'static str {
        let known = |(extension, _): &&(&str, _)| self.text.ends_with(extension);
        match self.kind {
            FileKind::Picture => {
                let found = FileKind::PICTURES.iter().find(known);
                found.map_or("application/octet-stream", |(_, media_type)| media_type)
            }
            // What it is, only its owner has said.
            FileKind::Document => "application/octet-stream",
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn unguessable(random: &dyn Random) -> String {
    let mut bytes = [0; RANDOM_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A name with nothing in it that means something in a path, an address or a header.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut plain = String::new();
    for letter in name.chars() {
        let kept = letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        let letter = if kept { letter } else { '-' };
        // One dot or hyphen after another says nothing more; of both the dot stays.
        match letter {
            '-' if plain.ends_with(['.', '-']) => {}
            '.' if plain.ends_with('.') => {}
            '.' if plain.ends_with('-') => {
                plain.pop();
                plain.push('.');
            }
            letter => plain.push(letter),
        }
    }
    // The end tells what it is.
    let kept = plain.len().saturating_sub(NAME_MAX);
    match plain[kept..].trim_matches(['.', '-']) {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    const TENANT: TenantId = TenantId::new(17);

    #[test]
    fn a_key_is_read_back_from_its_text_and_from_addresses() {
        let picture = FileKey::picture(TENANT, &Sevens, "jpg");
        assert_eq!(picture.media_type(), "image/jpeg");
        let document = FileKey::document(TENANT, &Sevens, "Vertrag über alles (2).pdf");
        assert!(document.as_str().ends_with("/Vertrag-ber-alles-2.pdf"), "{document}");
        assert_eq!(document.media_type(), "application/octet-stream");
        for key in [picture, document] {
            assert_eq!(FileKey::parse(key.as_str()).as_ref(), Some(&key));
            let address = format!("https://crm.example.com/media/{key}");
            assert_eq!(FileKey::in_address(&address), Some(key));
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        let random = "A".repeat(RANDOM_TEXT);
        for good in [format!("1/pictures/{random}.png"), format!("1/files/{random}/a.b")] {
            assert!(FileKey::parse(&good).is_some(), "{good}");
        }
        for bad in [
            format!("0/pictures/{random}.png"),
            format!("+1/pictures/{random}.png"),
            format!("01/pictures/{random}.png"),
            format!("1/pictures/{random}.svg"),
            format!("1/pictures/{random}/a.png"),
            format!("1/files/{random}/../../x"),
            format!("1/files/{random}/a/b"),
            format!("1/files/{random}/"),
            format!("1/files/{random}"),
            format!("1/other/{random}.png"),
            format!("1/pictures/../{random}.png"),
            "1/pictures/short.png".to_owned(),
            format!("1/pictures/{}.png", "é".repeat(RANDOM_TEXT)),
            String::new(),
        ] {
            assert_eq!(FileKey::parse(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_name_makes_a_key_and_every_text_is_read_without_harm(name in ".{0,300}") {
            let key = FileKey::document(TENANT, &Sevens, &name);
            prop_assert_eq!(FileKey::parse(key.as_str()), Some(key.clone()));
            prop_assert!(key.as_str().len() <= 120);
            let _ = FileKey::parse(&name);
        }
    }
}
