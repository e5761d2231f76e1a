//! The pages and their islands.
//!
//! [`places`] says which path is which page. [`pages`] draws a page on the server from a [`page::Page`], in the visitor's
//! language; nothing of it is part of the client. Only the [`islands`] are, which come alive in the browser: each is a
//! plain form first, which the browser posts without JavaScript, and gets its texts from its page.

pub mod given;
pub mod islands;
mod navigate;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod places;
mod submission;
