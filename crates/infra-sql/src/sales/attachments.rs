//! Attachments: read from a view, which knows who added them, and written to their table.

use domain_kernel::field::{Member, Moment, ShortText, TargetId, TargetKind, WebAddress, Word};
use domain_kernel::files::FileKey;
use domain_kernel::fold;
use domain_sales::Attachment;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    attachments (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        uploaded_by -> Nullable<BigInt>,
        uploaded_by_name -> Text,
        file_name -> Text,
        file_name_folded -> Text,
        file_url -> Text,
        related_object_type -> Text,
        related_object_id -> BigInt,
        uploaded_at -> Moment,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    attached_files (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        uploaded_by -> Nullable<BigInt>,
        file_name -> Text,
        file_name_folded -> Text,
        file_url -> Text,
        file_key -> Nullable<Text>,
        related_object_type -> Text,
        related_object_id -> BigInt,
        uploaded_at -> Moment,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments, check_for_backend(Db))]
struct Seen {
    uploaded_by: Option<i64>,
    uploaded_by_name: String,
    file_name: String,
    file_url: String,
    related_object_type: String,
    related_object_id: i64,
    uploaded_at: At,
}

fn record((stamp, seen): (Stamp, Seen)) -> Record<Attachment> {
    stamp.record(Attachment {
        uploaded_by: Member(seen.uploaded_by.map(Id::new)),
        uploaded_by_name: Word::trusted(seen.uploaded_by_name),
        file_name: ShortText::trusted(seen.file_name),
        file_url: WebAddress::trusted(seen.file_url),
        related_object_type: TargetKind::trusted(seen.related_object_type),
        related_object_id: TargetId(seen.related_object_id),
        uploaded_at: Moment(Some(seen.uploaded_at.0)),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = attached_files, treat_none_as_null = true)]
struct Columns {
    uploaded_by: Option<i64>,
    file_name: String,
    file_name_folded: String,
    file_url: String,
    file_key: Option<String>,
    related_object_type: String,
    related_object_id: i64,
    uploaded_at: At,
}

impl From<&Attachment> for Columns {
    fn from(file: &Attachment) -> Self {
        Self {
            uploaded_by: file.uploaded_by.0.map(Id::raw),
            file_name: file.file_name.to_string(),
            file_name_folded: fold(&file.file_name),
            file_url: file.file_url.to_string(),
            file_key: FileKey::in_address(&file.file_url).map(|key| key.to_string()),
            related_object_type: file.related_object_type.to_string(),
            related_object_id: file.related_object_id.0,
            // Set when it is made.
            uploaded_at: At(file.uploaded_at.0.unwrap_or_default()),
        }
    }
}

reads! {
    /// The attachments of one workspace.
    Attachments of Attachment in attachments,
    rows (Stamp, Seen), selected by (stamp!(attachments), Seen::as_select())
}
port! { Attachments of Attachment }
inserts! { Attachments of Attachment in attached_files }
updates! { Attachments of Attachment in attached_files }

/// Those of some files that attachments of the workspace name.
pub(super) async fn attached(
    scope: Scope<'_>,
    files: &[FileKey],
    which: Which,
) -> Result<Vec<FileKey>> {
    let keys: Vec<&str> = files.iter().map(FileKey::as_str).collect();
    let found: Vec<Option<String>> = attached_files::table
        .filter(Rows::seen_by::<Attachment>(Some(scope.tenant()?), "attached_files", which))
        .filter(attached_files::file_key.eq_any(keys))
        .select(attached_files::file_key)
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    Ok(found.iter().flatten().filter_map(|key| FileKey::parse(key)).collect())
}
