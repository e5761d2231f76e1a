//! Postern as its visitors and its operator meet it: over HTTP, by mail and on the command line.
//!
//! Each test starts the real router on a port of its own, with a database, a mail folder and a clock of its own,
//! so that they run in any order and all at once. Nothing sleeps: the clock is turned by hand and the outbox is
//! drained by calling its one step; only a real nginx, Caddy or Postfix is waited for. [`harness`] is what they
//! share; the other files are claims, by subject.
//!
//! Claims about a login are checked for both manners of calling a server function: by the form of a browser
//! without JavaScript, and by a fetch.

#![allow(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

#[macro_use]
mod harness;

mod admin;
mod allowlist;
mod at_rest;
mod audit;
mod bounces;
mod brand;
mod budgets;
mod cli;
mod code;
mod colours;
mod commits;
mod compression;
mod config;
mod connections;
mod crash;
mod cross_site;
mod defaults;
mod devices;
mod django;
mod docs;
mod floods;
mod forwarded;
mod full_disk;
mod gates;
mod gateway;
mod gateway_checks;
mod guard;
mod headers;
mod hosts;
mod inbox_links;
mod input;
mod keys;
mod kill;
mod known;
mod languages;
mod limits;
mod link;
mod logging;
mod mail;
mod mail_servers;
mod migrations;
mod mistyped;
mod monitoring;
mod neutrality;
mod new_device;
mod outbox;
mod packages;
mod paths;
mod pending;
mod postfix;
mod postgres;
mod proxies;
mod races;
mod reload;
mod resend;
mod return_paths;
mod rooms;
mod sessions;
mod site;
mod slow;
mod steps;
mod stopping;
mod systemd;
mod walkthroughs;
mod wire;
