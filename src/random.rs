//! The random generator: the one door to chance, as clippy.toml enforces. `domain` takes it as an argument.

use rand::rngs::ThreadRng;

/// The generator of this thread: cryptographic, and seeded by the system.
#[allow(clippy::disallowed_methods, reason = "this is the edge where chance enters")]
pub fn rng() -> ThreadRng {
    rand::rng()
}
