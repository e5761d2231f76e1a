//! The use cases: what somebody wants of Postern, told in one direction.
//!
//! [`login`] is the life of a login; [`Visitor`] is the browser that asks.

pub mod login;
mod visitor;

pub use visitor::Visitor;
