//! The life of a login, in reading order: [`request`] (held back by [`limits`]) -> [`queue`] -> [`deliver`] -> [`redeem`].
//! [`operator_link`] is a sign-in without a mail.

pub mod deliver;
pub mod limits;
pub mod operator_link;
pub mod queue;
pub mod redeem;
pub mod request;
