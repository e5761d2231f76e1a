//! The life of a login, in reading order: [`request`] (held back by [`limits`]) -> [`deliver`] -> [`redeem`].

pub mod deliver;
pub mod limits;
pub mod redeem;
pub mod request;
