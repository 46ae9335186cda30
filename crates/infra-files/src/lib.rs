//! Files that people send: kept in a folder or in a store that speaks S3, and pictures drawn anew.
//!
//! It may depend on the kernel, `infra-http`, object_store and image. Another kind of store is a
//! constructor of [`ObjectFiles`].

mod bucket;
mod pictures;
mod store;

pub use bucket::BucketAddress;
pub use pictures::{DrawnPictures, LARGEST_SIDE};
pub use store::ObjectFiles;
