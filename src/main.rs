//! The `postern` command. What it can do stands in `cli`.

use std::process::ExitCode;

/// A page is drawn in hundreds of small pieces, and the allocator of glibc was a fifth of that work.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    postern::cli::run()
}
