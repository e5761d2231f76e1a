//! The HTTP side of the server. [`router`] is the table of contents: read it from the outside in.
//!
//! [`layers`] stand between the network and the rest; then [`pages`] draws a page, or [`answers`] carries the result of
//! a server function to its caller. [`assets`] and [`probes`] need no session; [`coding`] says what
//! is sent compressed. [`bounces`] is for mail servers. [`gateway`] is for other apps and the proxies in front of them. [`inspection`] is what the operator
//! is told at another address.

pub mod answers;
pub mod assets;
pub mod bounces;
pub mod coding;
pub mod gateway;
pub mod inspection;
pub mod layers;
pub mod pages;
pub mod probes;
pub mod router;
