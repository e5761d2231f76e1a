//! The layers that a request passes, one file each. [`super::router`] has their order.

pub mod client_address;
pub mod csrf;
pub mod development;
pub mod guard;
pub mod headers;
pub mod host;
pub mod identify;
pub mod language;
pub mod measure;
pub mod panics;
pub mod plain_path;
pub mod read_body;
pub mod trace;
