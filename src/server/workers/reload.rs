//! The watcher of the settings that may change while the server runs: reads them again when their files change, and on SIGHUP.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::signal::unix::Signal;

use crate::{
    config::Mistakes,
    domain::{Allowlist, Changes, Gateway},
    state::AppState,
};

/// How often the files are looked at. Not inotify: it misses what is mounted over a network or swapped by link.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watches the files of the settings that may change, until the process is asked to stop.
pub async fn run(state: AppState, mut hang_up: Signal) {
    let look = || state.config.files().iter().map(|path| fingerprint(path)).collect::<Vec<_>>();
    let mut loaded = look();
    let mut before = loaded.clone();
    loop {
        let asked = tokio::select! {
            () = state.stop.asked.cancelled() => return,
            _ = hang_up.recv() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let now = look();
        // Only what stood still for a whole look: an editor may be half-way through.
        if asked || (now != loaded && now == before) {
            loaded = now.clone();
            let state = state.clone();
            // Two hundred thousand entries take a while, and nobody else waits for them.
            if tokio::task::spawn_blocking(move || reload(&state, asked)).await.is_err() {
                tracing::error!("reading the settings again has panicked: all of them stay as they are");
            }
        }
        before = now;
    }
}

/// Entries that may vanish at once, whatever their share of the list.
const FEW: usize = 10;

/// Reads again what may change. Each is replaced by itself: a mistake in one does not hold up the others. It is in force
/// when the log says so.
/// `asked` is whether the operator wants it (SIGHUP), and has not just touched a file.
pub fn reload(state: &AppState, asked: bool) {
    match state.config.reread() {
        Ok(read) => {
            replace_allowlist(state, read.allowlist, asked);
            replace_admins(state, read.admins);
            replace_gateway(state, read.gateway);
        }
        Err(mistakes) => {
            let mistakes = mistakes.on_one_line();
            tracing::error!(mistakes, "the settings cannot be read again: all of them stay as they are");
        }
    }
}

/// An allowlist that is broken changes nothing but the log; nor does one that has lost its entries, as a full disk or a
/// failed export leaves it, unless the operator has `asked` for it: everybody would be signed out, and putting the file
/// back would not bring them back.
fn replace_allowlist(state: &AppState, read: Result<Arc<Allowlist>, Mistakes>, asked: bool) {
    match read {
        Ok(allowlist) if !asked && lost_most(state.allowlist.get().len(), allowlist.len()) => {
            tracing::error!(
                before = state.allowlist.get().len(),
                after = allowlist.len(),
                "the allowlist has lost most of its entries: the one before stays in force. If this is meant, send SIGHUP"
            );
        }
        Ok(allowlist) => {
            let Changes { added, removed } = allowlist.changes_since(&state.allowlist.get());
            let entries = allowlist.len();
            state.allowlist.replace(allowlist);
            tracing::info!(
                entries,
                added = added.count,
                added_first = added.first.join(" "),
                removed = removed.count,
                removed_first = removed.first.join(" "),
                "the allowlist was read again"
            );
        }
        Err(mistakes) => {
            let mistakes = mistakes.on_one_line();
            tracing::error!(mistakes, "the allowlist is broken: the one before stays in force");
        }
    }
}

/// Admins that are broken stay who they were; who is not named any more is none from the next request on.
fn replace_admins(state: &AppState, read: Result<Allowlist, Mistakes>) {
    match read {
        Ok(admins) if *state.admins.get() == admins => {}
        Ok(admins) => {
            let entries = admins.len();
            state.admins.replace(admins);
            tracing::info!(entries, "the admins were read again");
        }
        Err(mistakes) => {
            let mistakes = mistakes.on_one_line();
            tracing::error!(mistakes, "ADMINS is broken: the admins before stay");
        }
    }
}

/// A gateway that is broken changes nothing but the log. One without apps counts: it opens nothing, and putting the apps
/// back brings everything back.
fn replace_gateway(state: &AppState, read: Result<Gateway, Mistakes>) {
    match read {
        // Who has no gateway need not read of it.
        Ok(gateway) if gateway.is_empty() && state.gateway.get().is_empty() => {
            state.gateway.replace(gateway);
        }
        Ok(gateway) => {
            let (now, before): (Vec<_>, Vec<_>) =
                (gateway.origins().collect(), state.gateway.get().origins().collect());
            let only_in = |some: &[String], others: &[String]| {
                let only: Vec<&str> =
                    some.iter().filter(|app| !others.contains(app)).map(String::as_str).collect();
                (only.len(), only[..only.len().min(FEW)].join(" "))
            };
            let ((added, added_first), (removed, removed_first)) =
                (only_in(&now, &before), only_in(&before, &now));
            let apps = gateway.len();
            state.gateway.replace(gateway);
            tracing::info!(apps, added, added_first, removed, removed_first, "the gateway was read again");
        }
        Err(mistakes) => {
            let mistakes = mistakes.on_one_line();
            tracing::error!(mistakes, "the gateway is broken: the one before stays in force");
        }
    }
}

/// All of them, or more than half where that is more than a few.
fn lost_most(before: usize, after: usize) -> bool {
    (after == 0 && before > 0) || (before > after + FEW && after * 2 < before)
}

/// Size and time of change: enough to see an edit without reading the file each second. `None` if it is not there.
fn fingerprint(path: &Path) -> Option<(u64, SystemTime)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}
