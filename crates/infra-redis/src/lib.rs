//! What several servers count together, in Redis.
//!
//! It may depend on the ports it implements and on the client of Redis. Each port is a file of its
//! own, over [`Redis`], which hides a Redis that is away: whoever asks goes to another adapter of
//! the port meanwhile. All keys begin with `crm:`; several installations on one Redis need a
//! database (`/0`, `/1` …) each. What is one step is a script, which Redis runs undisturbed.

mod connection;
mod failed_sign_ins;
mod limiter;

pub use connection::Redis;
pub use failed_sign_ins::RedisFailedSignIns;
pub use limiter::RedisLimiter;

/// What every key begins with.
const PREFIX: &str = "crm";
