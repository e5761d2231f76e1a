//! The use cases of a login, each told in one direction.
//!
//! [`Visitor`] is the browser that asks; [`signed_in`] finds out once who that is. [`login`] is the life of a login,
//! [`new_device`] tells its person where it came from a browser that was not known; [`devices`] are all that the person
//! is signed in with, [`sign_out`] is the end of one session. [`operator`] is what operators do, by a command or as an admin,
//! [`admin`] what admins see, [`bounces`] what comes back, and [`figures`] what is measured. What a visitor starts fails with an [`Error`], which is logged
//! where it is answered; what a worker starts ([`login::deliver`], [`new_device::deliver`]) fails with a [`StoreError`],
//! which the worker logs.

pub mod admin;
pub mod bounces;
pub mod devices;
pub mod figures;
pub mod gateway;
mod hand_over;
pub mod login;
pub mod new_device;
pub mod operator;
mod retry;
pub mod settling;
pub mod sign_out;
pub mod signed_in;
mod visitor;

pub use signed_in::SignedIn;
pub use visitor::{Asking, Visitor};

use crate::{refusal::Refusal, session::SessionError, store::StoreError};

/// Why a step did not happen, sorted by who must act.
#[derive(Debug)]
pub enum Error {
    /// The visitor has to do something else.
    Refused(Refusal),
    /// Something of ours is broken; the operator has to mend it.
    Broken(Broken),
}

/// A fault of ours. The visitor is told `not_ready` and no more; the text here is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("the database did not answer as it should: {0}")]
    Store(#[from] StoreError),
    #[error("a session could not be read or written: {0}")]
    Session(#[from] SessionError),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        Self::Broken(error.into())
    }
}
