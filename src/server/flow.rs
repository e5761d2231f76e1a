//! The life of a login, in reading order: [`request`] -> [`deliver`] -> [`redeem`].

pub mod deliver;
pub mod redeem;
pub mod request;
