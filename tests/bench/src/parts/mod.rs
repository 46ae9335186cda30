//! The measurements, one in each file.

pub(crate) mod creates;
pub(crate) mod interrupted;
pub(crate) mod lists;
pub(crate) mod pages;
pub(crate) mod race;
pub(crate) mod sign_ins;
pub(crate) mod start;
