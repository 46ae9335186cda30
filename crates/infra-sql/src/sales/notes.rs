//! Notes: read from a view, which knows who wrote them, and written to their table.

use domain_kernel::field::{LongText, Member, TargetId, TargetKind, Word};
use domain_sales::Note;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    notes (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        author -> Nullable<BigInt>,
        author_name -> Text,
        content -> Text,
        related_object_type -> Text,
        related_object_id -> BigInt,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    note_texts (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        author -> Nullable<BigInt>,
        content -> Text,
        related_object_type -> Text,
        related_object_id -> BigInt,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notes, check_for_backend(Db))]
struct Seen {
    author: Option<i64>,
    author_name: String,
    content: String,
    related_object_type: String,
    related_object_id: i64,
}

fn record((stamp, seen): (Stamp, Seen)) -> Record<Note> {
    stamp.record(Note {
        author: Member(seen.author.map(Id::new)),
        author_name: Word::trusted(seen.author_name),
        content: LongText::trusted(seen.content),
        related_object_type: TargetKind::trusted(seen.related_object_type),
        related_object_id: TargetId(seen.related_object_id),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = note_texts, treat_none_as_null = true)]
struct Columns {
    author: Option<i64>,
    content: String,
    related_object_type: String,
    related_object_id: i64,
}

impl From<&Note> for Columns {
    fn from(note: &Note) -> Self {
        Self {
            author: note.author.0.map(Id::raw),
            content: note.content.to_string(),
            related_object_type: note.related_object_type.to_string(),
            related_object_id: note.related_object_id.0,
        }
    }
}

reads! {
    /// The notes of one workspace.
    Notes of Note in notes,
    rows (Stamp, Seen), selected by (stamp!(notes), Seen::as_select())
}
port! { Notes of Note }
inserts! { Notes of Note in note_texts }
updates! { Notes of Note in note_texts }
