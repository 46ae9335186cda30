//! The measurements, one in each file.

pub(crate) mod creates;
pub(crate) mod exports;
pub(crate) mod filters;
pub(crate) mod imports;
pub(crate) mod interrupted;
pub(crate) mod lists;
pub(crate) mod orders;
pub(crate) mod overview;
pub(crate) mod pages;
pub(crate) mod race;
pub(crate) mod sign_ins;
pub(crate) mod start;
