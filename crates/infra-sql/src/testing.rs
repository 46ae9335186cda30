//! What a test switches off to see what holds without it.
//!
//! Compiled for PostgreSQL and with debug assertions only: no release build contains it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many guards there are; the filter is off while there is one.
static GUARDS: AtomicUsize = AtomicUsize::new(0);

/// While it lives, no query of this process keeps to its workspace by itself: what is left is
/// row-level security.
#[derive(Debug)]
#[must_use = "dropped, the filter is on again"]
pub struct WithoutTenantFilter(());

/// Switches the queries' own filter off, in the whole process.
pub fn without_tenant_filter() -> WithoutTenantFilter {
    GUARDS.fetch_add(1, Ordering::SeqCst);
    WithoutTenantFilter(())
}

impl Drop for WithoutTenantFilter {
    fn drop(&mut self) {
        GUARDS.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn tenant_filter_is_off() -> bool {
    GUARDS.load(Ordering::SeqCst) > 0
}
