//! The process as Linux tells of it, under the names that Prometheus' own libraries use. Elsewhere these are 0.

use std::fs;

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use rustix::process::{Resource, getrlimit};

/// Memory and file descriptors.
#[derive(Debug, Default)]
pub struct Process {
    resident_bytes: Gauge,
    open_fds: Gauge,
    max_fds: Gauge,
}

impl Process {
    /// Adds them to a registry.
    pub fn register(all: &mut Registry) -> Self {
        let process = Self::default();
        let memory = "Bytes of memory in use";
        all.register("process_resident_memory_bytes", memory, process.resident_bytes.clone());
        all.register("process_open_fds", "File descriptors in use", process.open_fds.clone());
        all.register("process_max_fds", "File descriptors that may be in use", process.max_fds.clone());
        process
    }

    /// Looks at them.
    pub fn look(&self) {
        let pages = fs::read_to_string("/proc/self/statm").ok();
        let resident = pages.and_then(|pages| pages.split(' ').nth(1)?.parse::<i64>().ok());
        let page = i64::try_from(rustix::param::page_size()).unwrap_or_default();
        self.resident_bytes.set(resident.unwrap_or_default() * page);
        let open = fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count());
        self.open_fds.set(i64::try_from(open).unwrap_or_default());
        let most = getrlimit(Resource::Nofile).current.and_then(|most| i64::try_from(most).ok());
        self.max_fds.set(most.unwrap_or_default());
    }
}
